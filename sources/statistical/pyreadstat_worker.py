"""Runs as a script in a separate process: reads files with pyreadstat and sends what it read back through a pipe.

Not for starting that process or for what its answers mean (pyreadstat_process.py). It imports nothing of raw2adam, so
that it starts quickly. A request is (function, path or bytes, arguments). The answer is ("error", class names,
message), or ("meta", its fields), a ("column", name, values) for each column, and ("end",).
"""

import os
import pickle
import signal
import sys


def answer(request, send):
    """Send the answer to one request. Memory: a column leaves this process before the next one is packed."""
    import pyreadstat

    function, file, arguments = request
    try:
        cells, meta = getattr(pyreadstat, function)(file, output_format="dict", **arguments)
    except Exception as error:
        send(("error", [c.__name__ for c in type(error).__mro__], str(error)))
        return
    send(("meta", vars(meta)))
    for name in list(cells):
        values = cells.pop(name)
        send(("column", name, values.tolist() if hasattr(values, "tolist") else list(values)))
    send(("end",))


def main():
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the command, which ends this process
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # the C code under pyreadstat may print; that must not mix with the answers

    def send(part):
        pickle.dump(part, answers, protocol=5)
        answers.flush()

    requests = sys.stdin.buffer
    while True:
        try:
            request = pickle.load(requests)
        except EOFError:
            return
        answer(request, send)


if __name__ == "__main__":
    main()
