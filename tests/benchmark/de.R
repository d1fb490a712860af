# One R program on one study, for the benchmark `de`: Rscript de.R <deseq2|voom|edger> <counts.tsv> <levels> <out prefix>
# Prints CPU seconds of loading, reading, fit with results, and shrinkage; DESeq2's tables go to <prefix>.<k>.tsv.
cpu <- function() sum(proc.time()[c(1, 2)])
given <- commandArgs(TRUE)
start <- cpu()
packages <- list(deseq2 = "DESeq2", voom = "limma", edger = "edgeR")
suppressPackageStartupMessages(library(packages[[given[1]]], character.only = TRUE))
loaded <- cpu()
counts <- as.matrix(read.delim(given[2], row.names = 1, check.names = FALSE))
arm <- factor(sub("_.*", "", colnames(counts)), levels = strsplit(given[3], ",")[[1]])
# Model, treatment and residual contrast of the levels control, EA, RTX: numerator and denominator.
pairs <- list(c(3, 1), c(2, 3), c(2, 1))
read <- cpu()
shrinkage <- "none"
shrunken <- 0
if (given[1] == "deseq2") {
  dds <- DESeq(DESeqDataSetFromMatrix(counts, data.frame(arm = arm), ~arm), quiet = TRUE)
  results <- lapply(pairs, function(p) results(dds, contrast = c("arm", levels(arm)[p]), alpha = 0.05))
  fitted <- cpu()
  # apeglm shrinks one coefficient; the third contrast is fitted with the other reference, as its manual says.
  shrinkage <- if (requireNamespace("apeglm", quietly = TRUE)) "apeglm" else "normal"
  for (k in seq_along(pairs)) {
    if (shrinkage == "normal") {
      ignored <- lfcShrink(dds, contrast = c("arm", levels(arm)[pairs[[k]]]), res = results[[k]], type = "normal", quiet = TRUE)
    } else {
      one <- dds
      one$arm <- relevel(one$arm, levels(arm)[pairs[[k]][2]])
      if (pairs[[k]][2] != 1) one <- nbinomWaldTest(one, quiet = TRUE)
      name <- paste0("arm_", levels(arm)[pairs[[k]][1]], "_vs_", levels(arm)[pairs[[k]][2]])
      ignored <- lfcShrink(one, coef = name, type = "apeglm", quiet = TRUE)
    }
  }
  shrunken <- cpu() - fitted
  for (k in seq_along(pairs)) {
    table <- format(as.data.frame(results[[k]]), digits = 15, trim = TRUE)
    write.table(table, paste0(given[4], ".", k, ".tsv"), sep = "\t", quote = FALSE)
  }
} else {
  design <- model.matrix(~arm)
  vectors <- cbind(c(0, 0, 1), c(0, 1, -1), c(0, 1, 0))
  if (given[1] == "voom") {
    fit <- eBayes(contrasts.fit(lmFit(voom(counts, design), design), vectors))
    for (k in 1:3) ignored <- topTable(fit, coef = k, number = Inf, sort.by = "none")
  } else {
    fit <- glmQLFit(estimateDisp(calcNormFactors(DGEList(counts)), design), design)
    for (k in 1:3) ignored <- topTags(glmQLFTest(fit, contrast = vectors[, k]), n = Inf, sort.by = "none")
  }
  fitted <- cpu()
}
cat(sprintf('{"imports": %.3f, "reading": %.3f, "compute": %.3f, "shrinkage": %.3f, "method": "%s"}\n',
            loaded - start, read - loaded, fitted - read, shrunken, shrinkage))
