#!/usr/bin/env python3
"""What one GET /data costs the server, for one build or several in turns.

    scripts/request-cost.py target/release/tokenhouse [OTHER_BUILD …]
    scripts/request-cost.py --instructions target/release/tokenhouse [OTHER_BUILD …]

Each build gets a new SQLite database with 64 users. By default wrk (Debian package) reads over 64
connections, and the processor time of the server (/proc/PID/stat) is divided by the requests:
medians of the rounds and half their range. Builds take turns within a round, so that the machine's
other load meets all of them. With --instructions the server runs under valgrind's callgrind and one
connection asks one request after another: the difference between a long and a short run, divided by
the requests between them, is repeatable to a few instructions. With --layers a picture's worth of
figures is written: the processor time of each build, shared out among the layers by perf's samples
of where the processor was; a build may be given as NAME=FILE. Arguments after -- go to the server.
"""

import argparse
import collections
import http.client
import json
import os
import re
import signal
import statistics
import subprocess
import sys
import tempfile
import time

USERS = 64
PASSWORD = "correct horse battery staple"
TICK = os.sysconf("SC_CLK_TCK")


class Server:
    def __init__(self, binary, arguments, wrapper=()):
        self.folder = tempfile.TemporaryDirectory()
        environment = {
            "PATH": os.environ["PATH"],
            "TOKENHOUSE_DATA_DIR": self.folder.name,
            "TOKENHOUSE_ARGON2_MEMORY": "64",
            "TOKENHOUSE_ARGON2_ITERATIONS": "1",
            "LOG_FORMAT": "json",
        }
        self.log = open(os.path.join(self.folder.name, "log"), "w+b")
        self.process = subprocess.Popen(
            [*wrapper, binary, "serve", "--listen", "127.0.0.1:0", "--management-listen", "off",
             *arguments],
            env=environment, stdout=self.log, stderr=subprocess.STDOUT, cwd=self.folder.name)
        self.port = self.wait_for_port()
        self.tokens = [self.register(f"user{index}") for index in range(USERS)]

    def wait_for_port(self):
        for _ in range(600):
            if self.process.poll() is not None:
                break
            with open(self.log.name, "rb") as log:
                found = re.search(rb'"server.port":(\d+)', log.read())
            if found and self.answers(int(found[1])):
                return int(found[1])
            time.sleep(0.05)
        self.process.kill()
        sys.exit(f"no server:\n{open(self.log.name).read()}")

    @staticmethod
    def answers(port):
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        try:
            connection.request("GET", "/healthz")
            return connection.getresponse().status == 200
        except OSError:
            return False
        finally:
            connection.close()

    def register(self, name):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        body = json.dumps({"username": name, "password": PASSWORD})
        connection.request("POST", "/register", body, {"Content-Type": "application/json"})
        answer = connection.getresponse()
        text = answer.read()
        if answer.status != 201:
            sys.exit(f"{answer.status} {text}")
        connection.close()
        return json.loads(text)["token"]

    def processor_seconds(self):
        fields = open(f"/proc/{self.process.pid}/stat").read().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / TICK

    def resident_megabytes(self):
        status = open(f"/proc/{self.process.pid}/status").read()
        return int(re.search(r"VmRSS:\s+(\d+)", status)[1]) / 1024

    def truncate_log(self):
        os.truncate(self.log.name, 0)

    def end(self):
        self.process.send_signal(signal.SIGINT)
        self.process.send_signal(signal.SIGINT)
        self.process.wait()
        self.folder.cleanup()


SCRIPT = """
local tokens = { %s }
local next = 0
request = function()
  next = next %% #tokens + 1
  return wrk.format("GET", "/data", { ["Authorization"] = "Bearer " .. tokens[next] })
end
done = function(summary)
  io.write(string.format("REQUESTS %%d OTHER %%d\\n", summary.requests, summary.errors.status))
end
"""


def load(server, seconds):
    """Requests per second and processor microseconds per request."""
    with tempfile.NamedTemporaryFile("w", suffix=".lua") as script:
        script.write(SCRIPT % ", ".join(f'"{token}"' for token in server.tokens))
        script.flush()
        before = server.processor_seconds()
        said = subprocess.run(
            ["wrk", "-t1", "-c64", f"-d{seconds}s", "-s", script.name,
             f"http://127.0.0.1:{server.port}"],
            check=True, capture_output=True, text=True).stdout
        spent = server.processor_seconds() - before
    requests, other = map(int, re.search(r"REQUESTS (\d+) OTHER (\d+)", said).groups())
    if other:
        sys.exit(f"{other} answers were not 200:\n{said}")
    server.truncate_log()
    return requests / seconds, spent / requests * 1e6


def in_turns(options):
    servers = [Server(binary, options.arguments) for binary in options.binaries]
    figures = [[] for _ in servers]
    for server in servers:
        load(server, 1)
    for _ in range(options.rounds):
        for server, kept in zip(servers, figures):
            kept.append(load(server, options.seconds))
    for server, kept in zip(servers, figures):
        print(f"{server.process.args[0]}: "
              + ", ".join(f"{statistics.median(values):.{digits}f} {unit} "
                          f"± {(max(values) - min(values)) / 2:.{digits}f}"
                          for values, digits, unit in zip(
                              zip(*kept), (0, 2), ("requests/s", "µs/request")))
              + f", {server.resident_megabytes():.0f} MB resident")
        server.end()
    first = figures[0]
    for server, kept in list(zip(servers, figures))[1:]:
        ratios = [b[1] / a[1] for a, b in zip(first, kept)]
        print(f"processor time against the first: {statistics.median(ratios):.3f} "
              f"({min(ratios):.3f} to {max(ratios):.3f})")


# By the name of the system call that the kernel is busy for, and by the name of the function
# otherwise; the first that fits.
KERNEL = [
    ("the kernel's sockets", r"writev|sendto|recvfrom|epoll|accept"),
    ("SQLite, its file locks included", r"fcntl"),
    ("the access line", r"x64_sys_write\b|ksys_write"),
    ("waking threads, interrupts", r""),
]
PROGRAM = [
    ("memory: allocating, copying", r"malloc|free|calloc|realloc|unlink_chunk|tcache|^_*mem(move|cpy|set|cmp)"),
    ("SQLite, its file locks included",
     r"sqlite|^wal|pager|pcache|btree|vdbe|unix|tokenhouse_store|moveto|getpage|getandinit"
     r"|fetchpayload|allocatecursor|releasemem|releaseall|getcell|fcntl"),
    ("the token: MAC and digest", r"aws_lc|sha256|base64|tokenhouse_rules::token|hmac"),
    ("the access line", r"tokenhouse_server::(log|text)"),
    ("HTTP: hyper, axum, tower", r"hyper|httparse|http::|<http|bytes::|httpdate|axum|tower|matchit"),
    ("handler, layer, tokio, the rest", r""),
]


def layer_of(thread, frames):
    function, place = frames[0]
    if thread.startswith("log"):
        return "the access line"
    if "kernel" in place:
        names, chain = KERNEL, " ".join(name for name, _ in frames)
    else:
        names, chain = PROGRAM, function.lower()
    return next(layer for layer, pattern in names if re.search(pattern, chain))


def sampled(server, seconds):
    """How many of perf's samples each layer has while the server is read from."""
    with tempfile.NamedTemporaryFile() as data:
        perf = subprocess.Popen(
            ["perf", "record", "-q", "-g", "-e", "cpu-clock", "-F", "1999", "-o", data.name,
             "-p", str(server.process.pid)], stderr=subprocess.DEVNULL)
        load(server, seconds)
        perf.send_signal(signal.SIGINT)
        perf.wait()
        said = subprocess.run(["perf", "script", "-i", data.name, "-F", "comm,ip,sym,dso"],
                              check=True, capture_output=True, text=True).stdout
    samples = collections.Counter()
    for record in said.split("\n\n"):
        thread, *lines = record.strip().split("\n")
        frames = [found.groups() for line in lines
                  if (found := re.match(r"\s*[0-9a-f]+ (.*) \(([^()]*)\)$", line))]
        if frames:
            samples[layer_of(thread.strip(), frames)] += 1
    return samples


def layers(options):
    servers = [(name, Server(binary, options.arguments)) for name, binary in options.named]
    kept = {name: ([], collections.Counter()) for name, _ in servers}
    for _, server in servers:
        load(server, 1)
    for _ in range(options.rounds):
        for name, server in servers:
            kept[name][0].append(load(server, options.seconds)[1])
            kept[name][1].update(sampled(server, options.seconds))
    written = []
    for name, server in servers:
        server.end()
        times, samples = kept[name]
        time_each = statistics.median(times)
        print(f"{name}: {time_each:.2f} µs/request, {samples.total()} samples")
        for layer in dict.fromkeys(layer for layer, _ in [*KERNEL, *PROGRAM]):
            share = samples[layer] / samples.total()
            print(f"| {layer} | {time_each * share:.2f} | {100 * share:.1f} % |")
            written.append({"bar": name, "layer": layer, "microseconds": round(time_each * share, 3)})
    with open(options.layers, "w") as out:
        json.dump(written, out, indent=1)
        out.write("\n")


def ask(server, count):
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=60)
    for index in range(count):
        token = server.tokens[index % USERS]
        connection.request("GET", "/data", headers={
            "Authorization": f"Bearer {token}", "User-Agent": "request-cost/1"})
        answer = connection.getresponse()
        answer.read()
        if answer.status != 200:
            sys.exit(f"{answer.status}")
    connection.close()


def instructions(options):
    few, many = 500, 500 + options.requests
    for binary in options.binaries:
        totals = []
        for count in (few, many):
            with tempfile.TemporaryDirectory() as folder:
                out = options.keep if options.keep and count == many \
                    else os.path.join(folder, "callgrind.out")
                server = Server(binary, options.arguments, wrapper=(
                    "valgrind", "--tool=callgrind", f"--callgrind-out-file={out}", "--quiet"))
                ask(server, count)
                server.end()
                totals.append(int(re.search(r"^(?:summary|totals): (\d+)",
                                            open(out).read(), re.M)[1]))
        print(f"{binary}: {(totals[1] - totals[0]) / (many - few):.0f} instructions/request")


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("binaries", nargs="+", metavar="BUILD")
    parser.add_argument("--instructions", action="store_true")
    parser.add_argument("--requests", type=int, default=2000, help="under callgrind (2000)")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=int, default=3, help="of each turn (3)")
    parser.add_argument("--layers", metavar="FILE", help="where the layers' figures go as JSON")
    parser.add_argument("--keep", help="where callgrind's figures of the long run are kept")
    known = sys.argv[1:]
    split = known.index("--") if "--" in known else len(known)
    options = parser.parse_args(known[:split])
    options.named = [(name or file, os.path.abspath(file)) for name, _, file in
                     (binary.rpartition("=") for binary in options.binaries)]
    options.binaries = [binary for _, binary in options.named]
    options.arguments = known[split + 1:]
    mode = layers if options.layers else instructions if options.instructions else in_turns
    mode(options)


if __name__ == "__main__":
    main()
