"""Privacy: no socket, and no file written but the named ones, by the engine alone and by the whole command.

Traced with strace, in a network namespace of its own where the system allows that, with an empty home, and without the
variables that tell a program that it runs in a test (the engine's newer builds stay silent under those).
"""
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

import numpy as np
import onnx
from onnx import helper, numpy_helper

BUILD = pathlib.Path(os.environ["DLGUIDER_BUILD"])
COMMAND = pathlib.Path(os.environ["DLGUIDER"])
TEST_SIGNS = ("CI", "GITHUB_ACTIONS", "TF_BUILD", "JENKINS_URL", "GITLAB_CI", "TRAVIS", "BUILD_ID", "ORT_DISABLE_TELEMETRY")
WRITES = ("open", "openat", "openat2", "creat", "mkdir", "mkdirat", "mknod", "mknodat", "rename", "renameat", "renameat2", "unlink",
          "unlinkat", "rmdir", "link", "linkat", "symlink", "symlinkat", "truncate", "chmod", "fchmodat", "memfd_create")
SOCKETS = ("socket", "socketpair", "connect", "bind", "listen", "sendto", "sendmsg", "sendmmsg", "io_uring_setup")
CALL = re.compile(r"^(?:\d+\s+)?(\w+)\((.*)")


def findings(log, allowed):
    """Lines of a trace that open a socket or change a file outside the folder `allowed`."""
    bad = []
    for line in log.splitlines():
        call = CALL.match(line)
        if not call:
            continue
        name, rest = call.groups()
        if name in SOCKETS:
            bad.append(line)
        elif name in WRITES:
            reads = name.startswith("open") and not re.search(r"O_WRONLY|O_RDWR|O_CREAT|O_TRUNC|O_TMPFILE", rest)
            inside = any(path.startswith(f"{allowed}/") for path in re.findall(r'"((?:[^"\\]|\\.)*)"', rest))
            null = rest.startswith(('AT_FDCWD, "/dev/null"', 'AT_FDCWD, "/dev/tty"'))
            if not reads and not inside and not null:
                bad.append(line)
    return bad


def isolation():
    """The prefix that gives a command a network of its own; empty where the system forbids it."""
    for prefix in (["unshare", "-n"], ["unshare", "-rn"]):
        if shutil.which("unshare") and subprocess.run([*prefix, "true"], capture_output=True).returncode == 0:
            return prefix
    return []


def traced(command, folder, allowed, stdin=None):
    log = pathlib.Path(folder) / "trace"
    home = pathlib.Path(folder) / "home"
    home.mkdir(exist_ok=True)
    environment = {key: value for key, value in os.environ.items() if key not in TEST_SIGNS and not key.startswith("XDG_")}
    environment.update(HOME=str(home), ASAN_OPTIONS="detect_leaks=0")  # the leak check is a tracer itself
    done = subprocess.run([*isolation(), "strace", "-f", "-qq", "-s", "4096", "-o", str(log), "-e", f"trace={','.join(SOCKETS + WRITES)}",
                           *map(str, command)], env=environment, input=stdin, capture_output=True, text=True)
    assert not list(home.iterdir()), f"left in the home folder: {list(home.iterdir())}"
    text = log.read_text(errors="replace")
    return done, text, findings(text, allowed)


def the_trace_sees(folder, out):
    """A test of the test: a program that does what must not be done."""
    code = f"import socket, os; socket.socket().close(); open('{folder}/other', 'w').close(); open('{out}/named', 'w').close()"
    done, _, bad = traced([sys.executable, "-S", "-c", code], folder, out)
    assert done.returncode == 0, done.stderr
    assert len([line for line in bad if "socket(" in line]) == 1 and len([line for line in bad if "/other" in line]) == 1, bad
    assert not any("named" in line for line in bad)


def small_model(folder):
    rng = np.random.default_rng(0)
    weights = [numpy_helper.from_array(rng.normal(size=(8, 3)).astype(np.float32), "w")]
    graph = helper.make_graph([helper.make_node("MatMul", ["x", "w"], ["m"]), helper.make_node("Softmax", ["m"], ["y"])], "g",
                              [helper.make_tensor_value_info("x", 1, ["n", 8])], [helper.make_tensor_value_info("y", 1, ["n", 3])], weights)
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8), f"{folder}/m.onnx")
    np.save(f"{folder}/x.npy", rng.normal(size=(300, 8)).astype(np.float32))
    np.save(f"{folder}/y.npy", rng.integers(0, 3, 300))
    np.load(f"{folder}/x.npy").tofile(f"{folder}/x")


def the_engine(folder, out):
    spec = f"model {folder}/m.onnx\nopset 17\ninput x 1 -1 8\noutput y 1\nprobe m 1 2 mean\nrows {folder}/x 300 8\nrun 2 64 {out}\n"
    done, text, bad = traced([BUILD / "tests/run_session"], folder, out, spec)
    assert done.returncode == 0, done.stderr
    assert "libonnxruntime" in text, "the trace does not show the engine"
    assert (out / "1").stat().st_size == 300 * 3 * 4
    assert not bad, bad


def the_command(folder, out):
    done, text, bad = traced([COMMAND, "rank", f"{folder}/m.onnx", "--inputs", f"{folder}/x.npy", "--labels", f"{folder}/y.npy", "--json",
                              "-o", out / "ranking.json"], folder, out)
    assert done.returncode in (0, 1), (done.returncode, done.stderr)
    assert "libonnxruntime" in text, "the trace does not show the engine"
    assert sorted(path.name for path in out.iterdir()) == ["ranking.json"]
    assert not bad, bad


with tempfile.TemporaryDirectory() as top:
    if not shutil.which("strace"):
        sys.exit("FAILED, nothing was traced: install strace")
    small_model(top)
    for step in (the_trace_sees, the_engine, the_command):
        named = pathlib.Path(tempfile.mkdtemp(dir=top, prefix="out-"))
        step(top, named)
    print("own network namespace:", "yes" if isolation() else "no (not allowed here)")
