"""Random PyTorch modules that make_random.py exported (24 by PyTorch 1.13, 12 by 2.6, a third of those by its newer exporter): the
values of every layer against PyTorch's forward hooks."""
import os
import subprocess
import sys

HERE, DATA = os.path.dirname(os.path.abspath(__file__)), os.path.join(os.environ["DLGUIDER_SOURCE"], "tests", "data", "torch")
for name, least in (("random.zip", 24), ("random_newer.zip", 12)):
    done = subprocess.run([sys.executable, os.path.join(HERE, "torch_random.py"), os.path.join(DATA, name)], capture_output=True, text=True)
    print(done.stdout, done.stderr, sep="")
    assert done.returncode == 0 and int(done.stdout.split()[0]) >= least, name
