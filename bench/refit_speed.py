#!/usr/bin/env python3
"""What re-fitting costs, as ratios within one run: bench/refit_speed.py --dlguider build/release/dlguider --tools build/asan/tests [--only PART]

backward  the gradients of all weights against a forward pass, both run by onnxruntime on dlguider's graph, in turns, the least of each
mlp       a re-fit of every layer of a 10-layer MLP on 200 tests: `rank --deep` less `rank --budget 0`; TensorFlow's GradientTape taking as
          many steps on the same layers and tests, eager and compiled (with and without tracing; XLA is not used)
cnn       the same for a small CNN
resnet    ResNet50 of keras.applications with random weights: time and memory of `rank` with the default budget

One thread everywhere. Needs the oracle of the tests (keras, tensorflow, onnxruntime).
"""
import argparse, os, pathlib, resource, subprocess, tempfile, time

os.environ.update(TF_CPP_MIN_LOG_LEVEL="3", OMP_NUM_THREADS="1", TF_NUM_INTRAOP_THREADS="1", TF_NUM_INTEROP_THREADS="1", CUDA_VISIBLE_DEVICES="-1")
import numpy as np

STEPS, COLUMN_STEPS = 40, 36


def models():
    import keras
    from keras import layers
    keras.utils.set_random_seed(1)
    mlp = keras.Sequential([keras.Input((32,)), *[layers.Dense(64, activation="relu") for _ in range(9)], layers.Dense(10, activation="softmax")])
    cnn = keras.Sequential([keras.Input((16, 16, 3)), layers.Conv2D(16, 3, activation="relu"), layers.Conv2D(16, 3, activation="relu"), layers.MaxPooling2D(),
                            layers.Conv2D(32, 3, activation="relu"), layers.Flatten(), layers.Dense(32, activation="relu"), layers.Dense(10, activation="softmax")])
    return mlp, cnn


def tests(model, count, rng):
    x = rng.standard_normal((count, *model.input_shape[1:])).astype("float32")
    y = model.predict(x, verbose=0, batch_size=8).argmax(1)
    wrong = rng.random(count) < .5
    return x, np.where(wrong, rng.integers(0, model.output_shape[-1], count), y)


def command(program, folder, *more):
    start = time.perf_counter()
    done = subprocess.run([program, "rank", f"{folder}/m.keras", "-i", f"{folder}/x.npy", "-l", f"{folder}/y.npy", "--task", "multiclass", "--threads", "1", "-o", f"{folder}/out.txt", *more],
                          capture_output=True, text=True)
    assert done.returncode in (0, 1), done.stderr
    return time.perf_counter() - start


def save(model, x, y, folder):
    model.compile("sgd", "sparse_categorical_crossentropy")
    model.save(f"{folder}/m.keras")
    np.save(f"{folder}/x.npy", x)
    np.save(f"{folder}/y.npy", y)


# ---- backward against forward -----------------------------------------------------------------------------------------------------
def ratio(tools, model, entry, batch, rounds, folder):
    import onnx, onnxruntime
    from onnx import numpy_helper
    model.save(f"{folder}/m.keras")
    done = subprocess.run([f"{tools}/gradient_dump", f"{folder}/m.keras", "0", f"{folder}/g.onnx", f"{folder}/f.onnx", str(entry)], capture_output=True, text=True, check=True)
    loss, *weights = [line.split() for line in done.stdout.splitlines()]
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    forward, both = (onnxruntime.InferenceSession(f"{folder}/{k}.onnx", options, providers=["CPUExecutionProvider"]) for k in "fg")
    rng = np.random.default_rng(2)
    x = rng.standard_normal((batch, *model.input_shape[1:])).astype("float32")
    start = {t.name: numpy_helper.to_array(t) for t in onnx.load(f"{folder}/f.onnx").graph.initializer}
    feed = {i.name: start[i.name] if i.name in start else x for i in both.get_inputs() if i.name != "target"}
    feed["target"] = np.eye(model.output_shape[-1], dtype="float32")[rng.integers(0, model.output_shape[-1], batch)]
    wanted = [loss[1], *[g for _, g in weights if g != "-"]]
    seconds = {"forward": [], "both": []}
    for _ in range(rounds):
        for name, run in ("forward", lambda: forward.run(None, {forward.get_inputs()[0].name: x})), ("both", lambda: both.run(wanted, feed)):
            begin = time.perf_counter()
            run()
            seconds[name].append(time.perf_counter() - begin)
    return min(seconds["forward"][1:]), min(seconds["both"][1:])


def backward(arguments, folder):
    """Of one entry at a time, as a re-fit runs it: the other layers' weights are constants that the engine may rearrange."""
    import keras
    mlp, cnn = models()
    for name, model, batch, rounds, entries in ("MLP", mlp, 256, 300, [0, 5, 9]), ("CNN", cnn, 256, 60, [0, 1, 3, 4, 5]), ("ResNet50", keras.applications.ResNet50(weights=None), 8, 6, [0, 20, 40]):
        for entry in entries:
            forward, both = ratio(arguments.tools, model, entry, batch, rounds, folder)
            print(f"{name}, entry {entry}: forward {1e3 * forward:.2f} ms, with its gradients {1e3 * both:.2f} ms: the backward pass costs {both / forward - 1:.2f} forward passes", flush=True)


# ---- against GradientTape ---------------------------------------------------------------------------------------------------------
def tape(model, x, y, fit, ways, compiled):
    """Adam on one layer's weights at a time; as many steps and judgements as dlguider takes. Seconds of tracing, of steps."""
    import tensorflow as tf
    tracing = stepping = 0.0
    loss_of = lambda p, t: tf.reduce_mean(tf.keras.losses.sparse_categorical_crossentropy(t, p))
    xa, ya, xb, yb = (tf.constant(v) for v in (x[:fit], y[:fit], x[fit:], y[fit:]))
    for layer in model.layers:
        if not layer.trainable_weights:
            continue
        variables = [w.value for w in layer.trainable_weights]
        before = [v.numpy() for v in variables]
        first, second = [tf.Variable(tf.zeros_like(v)) for v in variables], [tf.Variable(tf.zeros_like(v)) for v in variables]

        def step(t):
            with tf.GradientTape(watch_accessed_variables=False) as record:
                record.watch(variables)
                loss = loss_of(model(xa, training=False), ya)
            for v, g, m, s in zip(variables, record.gradient(loss, variables), first, second):
                m.assign(.9 * m + .1 * g)
                s.assign(.99 * s + .01 * g * g)
                v.assign_sub(.01 * (m / (1 - .9 ** t)) / (tf.sqrt(s / (1 - .99 ** t)) + 1e-8))
            return loss

        judge = lambda: loss_of(model(xb, training=False), yb)
        if compiled:
            step, judge = tf.function(step), tf.function(judge)
            begin = time.perf_counter()
            step(tf.constant(1.0)), judge()
            tracing += time.perf_counter() - begin
        begin = time.perf_counter()
        for t in range(STEPS + COLUMN_STEPS + ways * STEPS // 4):
            step(tf.constant(float(t + 1)))
        for _ in range(5 + 2 * ways):
            float(judge())
        stepping += time.perf_counter() - begin
        for v, b in zip(variables, before):
            v.assign(b)
    return tracing, stepping


def against_tape(arguments, folder, name, model):
    rng = np.random.default_rng(3)
    x, y = tests(model, 300, rng)
    save(model, x, y, folder)
    with_refit, without = (min(command(arguments.dlguider, folder, *more) for _ in range(5)) for more in (["--deep"], ["--budget", "0"]))
    own = with_refit - without
    print(f"{name}: {len([l for l in model.layers if l.trainable_weights])} layers with weights on 200 tests: {own:.2f} s (`rank --deep` {with_refit:.2f} s)", flush=True)
    eager = tape(model, x, y, 200, 1, False)[1]
    tracing, compiled = tape(model, x, y, 200, 1, True)
    print(f"{name}: GradientTape eager {eager:.2f} s ({eager / own:.1f} times), compiled {tracing + compiled:.2f} s ({(tracing + compiled) / own:.1f} times), "
          f"of which steps {compiled:.2f} s ({compiled / own:.1f} times)", flush=True)


def resnet(arguments, folder):
    import keras
    model = keras.applications.ResNet50(weights=None)
    rng = np.random.default_rng(4)
    x, y = tests(model, 60, rng)
    save(model, x, y, folder)
    for more in ["--budget", "0"], [], ["--budget", "100"]:
        seconds = command(arguments.dlguider, folder, *more)
        notes = [line for line in pathlib.Path(folder, "out.txt").read_text().replace("\n  ", " ").splitlines() if "re-fitted" in line]
        peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
        print(f"ResNet50, 60 tests, {' '.join(more) or 'default budget'}: {seconds:.1f} s, at most {peak:.0f} MB; {notes[:1]}", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--dlguider", default="build/release/dlguider")
    parser.add_argument("--tools", default="build/asan/tests", help="where gradient_dump is")
    parser.add_argument("--only", choices=["backward", "mlp", "cnn", "resnet"])
    arguments = parser.parse_args()
    parts = {"backward": backward, "mlp": lambda a, f: against_tape(a, f, "MLP", models()[0]), "cnn": lambda a, f: against_tape(a, f, "CNN", models()[1]), "resnet": resnet}
    for name, part in parts.items():
        if arguments.only in (None, name):
            with tempfile.TemporaryDirectory() as folder:
                part(arguments, folder)


main()
