"""From single cells to counts an animal and cell type: quality, clusters, types, pseudobulk, composition."""
