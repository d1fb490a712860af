# What every stage needs: the library on the path, the configuration checked, the study records read.
import os
import sys

LIBRARY = f"{workflow.basedir}/workflow"
sys.path.insert(0, LIBRARY)
# Scripts run in processes of their own and find the library by this.
os.environ["PYTHONPATH"] = os.pathsep.join(
    [LIBRARY, *filter(None, [os.environ.get("PYTHONPATH")])]
)
# One process a core: Snakemake shares the cores out, so the numeric libraries must not do it a second time.
for _name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(_name, "1")

from snakemake.exceptions import WorkflowError

from acuomics.catalogue.load import load_catalogue
from acuomics.problems import InputError

try:
    CATALOGUE = load_catalogue(config, embedded=f"{workflow.basedir}/resources/studies")
except InputError as error:
    raise WorkflowError(str(error)) from None
