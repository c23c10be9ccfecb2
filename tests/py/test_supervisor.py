"""src/cli/supervisor.c: every way a child can end gives the code and the sentence that the header promises.

Compiled here without sanitizers, which would bear no memory limit and catch the signals.
"""
import os
import pathlib
import signal
import subprocess
import sys
import tempfile
import time

import numpy as np
import onnx
from onnx import helper, numpy_helper

SOURCE = pathlib.Path(os.environ["DLGUIDER_SOURCE"]) / "src/cli"

PROGRAM = r"""
#include "supervisor.h"
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

static void *spin(void *unused)
{
	for (;;)
		pause();
	return unused;
}

static int use_memory(size_t megabytes)
{
	char *bytes = malloc(megabytes << 20);
	if (!bytes)
		return 5;
	memset(bytes, 1, megabytes << 20);
	return bytes[megabytes] - 1;
}

static int map_file(const char *path)
{
	int fd = open(path, O_RDONLY);
	size_t size = (size_t)lseek(fd, 0, SEEK_END);
	void *bytes = mmap(NULL, size, PROT_READ, MAP_PRIVATE, fd, 0);
	return bytes == MAP_FAILED ? 9 : 0;
}

static int work(void *state)
{
	char **argv = state;
	const char *what = argv[0];
	struct rlimit core;
	if (!strncmp(what, "return", 6))
		return printf("said once\n") ? atoi(what + 6) : 0;
	if (!strcmp(what, "confined"))
		return getrlimit(RLIMIT_CORE, &core) || core.rlim_max || prctl(PR_GET_NO_NEW_PRIVS, 0L, 0L, 0L, 0L) != 1;
	if (!strncmp(what, "signal", 6))
		raise(atoi(what + 6));
	if (!strncmp(what, "memory", 6))
		return use_memory((size_t)atoi(what + 6));
	if (!strcmp(what, "map"))
		return map_file(argv[1]);
	if (!strcmp(what, "stubborn"))
		signal(SIGXCPU, SIG_IGN);
	if (!strcmp(what, "threads")) {
		pthread_t thread;
		pthread_create(&thread, NULL, spin, NULL);
	}
	if (!strcmp(what, "flood"))
		for (;;)
			puts("many lines"), fflush(stdout);
	printf("%d\n", (int)getpid());
	fflush(stdout);
	for (;;)
		pause();
}

int main(int argc, char **argv)
{
	supervisor_limits limits = { .program = "dlguider" };
	if (argc < 4)
		return 99;
	limits.max_memory = (uint64_t)atoi(argv[1]) << 20;
	limits.max_seconds = atof(argv[2]);
	limits.in_process = limits.max_seconds < 0;
	printf("before\n"); /* not flushed: must not come out twice */
	return supervise(work, argv + 3, &limits);
}
"""


def run(*args, timeout=30):
    return subprocess.run([str(binary), *map(str, args)], capture_output=True, text=True, timeout=timeout)


def expect(code, words, *args):
    done = run(*args)
    assert done.returncode == code, (args, done)
    assert (words in done.stderr) if words else done.stderr == "", (args, done)
    assert len(done.stderr.splitlines()) <= 1, done
    assert done.stdout.count("before") == 1, done
    return done


def started(*args):
    """A waiting child: its parent's process and its own id."""
    parent = subprocess.Popen([str(binary), *map(str, args)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                              start_new_session=True)
    line = parent.stdout.readline()
    while not line.strip().isdigit():
        line = parent.stdout.readline()
    return parent, int(line)


def gone(process, seconds=5.0):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        try:
            if pathlib.Path(f"/proc/{process}/stat").read_text().rsplit(")", 1)[1].split()[0] == "Z":
                return True
        except (FileNotFoundError, ProcessLookupError):
            return True
        time.sleep(0.02)
    return False


def ends():
    for code in (0, 1, 2, 3, 4, 5, 6):
        done = expect(code, "", 0, 0, f"return{code}")
        assert done.stdout == "before\nsaid once\n", done
    expect(5, "status 127", 0, 0, "return127")
    expect(130, "", 0, 0, "return130")
    expect(0, "", 0, 0, "confined")
    expect(3, "", 0, -1, "return3")
    for number, code, words in ((signal.SIGSEGV, 6, "signal 11"), (signal.SIGABRT, 6, "signal 6"), (signal.SIGFPE, 6, "signal 8"),
                                (signal.SIGKILL, 5, "memory"), (signal.SIGXCPU, 5, "signal 24"), (signal.SIGPIPE, 6, "")):
        expect(code, words, 0, 0, f"signal{int(number)}")


def limits():
    expect(0, "", 200, 0, "memory100")
    expect(5, "", 100, 0, "memory200")
    with tempfile.TemporaryFile() as large:
        large.truncate(1 << 30)
        os.set_inheritable(large.fileno(), True)
        path = f"/proc/{os.getpid()}/fd/{large.fileno()}"
        expect(0, "", 100, 0, "map", path)
    begin = time.monotonic()
    done = run(0, 0.3, "threads")
    assert done.returncode == 5 and "0.3 seconds" in done.stderr and time.monotonic() - begin < 3, done
    begin = time.monotonic()
    done = run(0, 0.3, "stubborn")
    assert done.returncode == 5 and 5 < time.monotonic() - begin < 9, done


def signals():
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        parent, child = started(0, 0, "wait")
        parent.send_signal(number)
        assert parent.wait(5) == 130 and gone(child) and parent.stderr.read() == "", number
        parent.stdout.close(), parent.stderr.close()
    parent, child = started(0, 0, "wait")
    os.killpg(parent.pid, signal.SIGINT)  # what a terminal does
    assert parent.wait(5) == 130 and gone(child)
    parent.stdout.close(), parent.stderr.close()
    parent, child = started(0, 0, "threads")
    parent.kill()
    parent.wait()
    assert gone(child), "the child outlived its killed parent"
    parent.stdout.close(), parent.stderr.close()
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)  # as nohup does
    parent, child = started(0, 0, "wait")
    signal.signal(signal.SIGHUP, before)
    parent.send_signal(signal.SIGHUP)
    time.sleep(0.2)
    assert parent.poll() is None and not gone(child, 0.1), "an ignored SIGHUP stopped the work"
    parent.terminate()
    assert parent.wait(5) == 130
    parent.stdout.close(), parent.stderr.close()
    done = subprocess.run(["sh", "-c", f"{binary} 0 0 flood | head -n 1; exit $?"], capture_output=True, text=True, timeout=30)
    assert done.returncode == 0 and done.stderr == "", done


def the_command(folder):
    """A ranking of a million tests, stopped by time and by hand: one sentence, the code, and no half-written file."""
    weight = numpy_helper.from_array(np.eye(4, 3, dtype=np.float32), "w")
    graph = helper.make_graph([helper.make_node("MatMul", ["x", "w"], ["m"]), helper.make_node("Softmax", ["m"], ["y"])], "g",
                              [helper.make_tensor_value_info("x", 1, ["n", 4])], [helper.make_tensor_value_info("y", 1, ["n", 3])], [weight])
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8), f"{folder}/m.onnx")
    np.save(f"{folder}/x.npy", np.zeros((1000000, 4), np.float32))
    np.save(f"{folder}/y.npy", np.arange(1000000) % 3)
    out = pathlib.Path(folder) / "out"
    out.mkdir()
    command = [os.environ["DLGUIDER"], "rank", f"{folder}/m.onnx", "--inputs", f"{folder}/x.npy", "--labels", f"{folder}/y.npy", "-o", str(out / "o")]
    done = subprocess.run([*command, "--max-seconds", "0.2"], capture_output=True, text=True)
    assert done.returncode == 5 and len(done.stderr.splitlines()) == 1 and "0.2 seconds" in done.stderr, done
    for number in (signal.SIGINT, signal.SIGTERM):
        running = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        time.sleep(0.3)
        running.send_signal(number)
        _, words = running.communicate(timeout=20)
        assert running.returncode == 130 and len(words.splitlines()) <= 1, (running.returncode, words)
    assert not list(out.iterdir()), list(out.iterdir())


with tempfile.TemporaryDirectory() as folder:
    binary = pathlib.Path(folder) / "supervised"
    (pathlib.Path(folder) / "main.c").write_text(PROGRAM)
    subprocess.run(["cc", "-std=c11", "-D_POSIX_C_SOURCE=200809L", "-O1", "-Wall", "-Wextra", "-Werror", f"-I{SOURCE}", "-o", str(binary),
                    f"{folder}/main.c", str(SOURCE / "supervisor.c"), "-pthread"], check=True)
    ends()
    limits()
    signals()
    the_command(folder)
    print("the supervisor keeps its promises")
    sys.exit(0)
