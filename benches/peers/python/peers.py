"""Times the same models in TensorFlow, PyTorch and JAX, and prints the lines that `peers --merge FILE` reads.

    python peers.py [--peers tf,tf-xla,torch,torch-compile,jax] [--models ...] [--kinds infer,train,cold,memory]
                    [--threads 1,2] [--seconds 1] >> python.jsonl

Every pair of a peer and a number of threads has a process of its own. Weights are random. Images have channels last in TensorFlow
and JAX, and first in PyTorch.
"""

import argparse
import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time

ALL = ["dense", "mlp", "mlp_big", "cnn", "resnet18", "transformer"]
BATCHES = {"dense": [1, 32, 1024], "mlp": [1, 32, 1024]}
TRAINING = {"mlp": [32, 256], "mlp_big": [64, 256], "cnn": [64], "transformer": [32]}
INPUTS = {
    "dense": (5,), "mlp": (784,), "mlp_big": (1024,), "cnn": (28, 28, 1), "resnet18": (224, 224, 3), "transformer": (128, 256),
}
OUTPUTS = {"mlp_big": (1024,), "transformer": (128, 256)}
PEERS = ["tf", "tf-xla", "torch", "torch-compile", "jax"]


def framework(peer, threads):
    """The module that makes calls: of each, `infer(model, batch)` and `train(model, batch)`."""
    if threads < os.cpu_count() and peer == "jax":
        # JAX has no switch: its pool has as many threads as the process may use cores.
        os.sched_setaffinity(0, set(list(os.sched_getaffinity(0))[:threads]))
    os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
    os.environ["OMP_NUM_THREADS"] = str(threads)
    name = {"tf": "with_tensorflow", "torch": "with_torch", "jax": "with_jax"}[peer.split("-")[0]]
    return __import__(name).Calls(threads, compiled=peer in ("tf-xla", "torch-compile"))


def measure(call, seconds):
    """Median and least microseconds, after two calls to warm up."""
    call(), call()
    samples, start = [], time.perf_counter()
    while len(samples) < 5 or time.perf_counter() - start < seconds:
        began = time.perf_counter()
        call()
        samples.append((time.perf_counter() - began) * 1e6)
        if time.perf_counter() - start > seconds * 10:
            break
    return statistics.median(samples), min(samples)


def peak():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def record(kind, model, batch, threads, peer, median=0.0, least=0.0, memory=None):
    line = dict(kind=kind, model=model, batch=batch, threads=threads, peer=peer, median=median, min=least, peak=memory)
    print(json.dumps(line), flush=True)


def work(options, peer, threads):
    calls = framework(peer, threads)
    for model in options.models:
        for kind in ("infer", "train"):
            batches = BATCHES.get(model, [1, 32]) if kind == "infer" else TRAINING.get(model, [])
            for batch in batches if kind in options.kinds else []:
                try:
                    record(kind, model, batch, threads, peer, *measure(getattr(calls, kind)(model, batch), options.seconds))
                except Exception as error:
                    print(f"{peer} {kind} {model} {batch}: {error}", file=sys.stderr)


def child(peer, threads, *arguments):
    """Runs this script for one call; the time to the end of it, and its memory."""
    command = [sys.executable, __file__, "--child", peer, str(threads), *map(str, arguments)]
    start = time.perf_counter()
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        line = process.stdout.readline()
        took = (time.perf_counter() - start) * 1e6
        process.stdout.read()
    if process.returncode:
        raise RuntimeError(f"{command} ended with {process.returncode}")
    return took, float(line)


def be_child(peer, threads, task, model, *rest):
    calls = framework(peer, int(threads))
    if task == "save":
        calls.save(model, rest[0])
    elif task == "load":
        calls.load(model, rest[0])
    else:
        step = calls.train(model, int(rest[0]))
        for _ in range(3):
            step()
    print(peak(), flush=True)


def apart(options, peer, threads, model):
    """What is measured in processes of their own."""
    for batch in TRAINING.get(model, []) if "memory" in options.kinds else []:
        record("memory", model, batch, threads, peer, memory=child(peer, threads, "train", model, batch)[1])
    if "cold" in options.kinds and peer in ("tf", "torch", "jax"):
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "model")
            child(peer, threads, "save", model, path)
            runs = [child(peer, threads, "load", model, path) for _ in range(6)][1:]
        times, memory = [run[0] for run in runs], max(run[1] for run in runs)
        record("cold", model, 1, threads, peer, statistics.median(times), min(times), memory)


def main():
    if sys.argv[1:2] == ["--child"]:
        return be_child(*sys.argv[2:])
    parser = argparse.ArgumentParser()
    parts = lambda text: text.split(",")
    parser.add_argument("--peers", type=parts, default=PEERS)
    parser.add_argument("--models", type=parts, default=ALL)
    parser.add_argument("--kinds", type=parts, default=["infer", "train", "cold", "memory"])
    parser.add_argument("--threads", type=parts, default=["1", "2"])
    parser.add_argument("--seconds", type=float, default=1.0)
    parser.add_argument("--work", nargs=2)
    options = parser.parse_args()
    if options.work:
        return work(options, options.work[0], int(options.work[1]))
    for peer in options.peers:
        for threads in options.threads:
            if {"infer", "train"} & set(options.kinds):
                subprocess.run([sys.executable, __file__, *sys.argv[1:], "--work", peer, threads])
            for model in options.models:
                try:
                    apart(options, peer, int(threads), model)
                except RuntimeError as error:
                    print(error, file=sys.stderr)


if __name__ == "__main__":
    main()
