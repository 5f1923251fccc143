"""Plugins of dagent in Python (docs/PLUGINS.md): functions with decorators, and nothing else.

    #!/usr/bin/env python3
    from dagent_plugin import Plugin

    plugin = Plugin("weather", version="1.0")

    @plugin.method
    def now(city="Oslo"):
        '''Tells the weather of a city.'''
        return {"city": city, "celsius": 21}

    plugin.run()

Put that file into the directory of plugins of a node, and `dagent call NODE: weather.now Bergen`
calls it. The docstring is what `admin.help` shows. What a function raises reaches the caller with
its class, its message and its args. `print` goes to the log of the daemon. Calls run one after the
other, in the main thread. Needs Python 3.8, and no package.
"""

import base64
import contextlib
import inspect
import json
import os
import queue
import sys
import threading
import time

PROTOCOL = 1


class Message:
    """What came to a service, or as an event under a topic."""

    def __init__(self, fields):
        self.to = fields.get("service") or fields.get("topic", "")
        self.command = fields.get("command", "")
        self.params = fields.get("params", {})
        self.sender = fields.get("from", "")
        self.id = fields.get("sn", "")
        data = fields.get("data", "")
        is_binary = fields.get("enc") == "base64"
        #: Bytes, whatever they were sent as.
        self.data = base64.b64decode(data) if is_binary else data.encode()

    @property
    def text(self):
        """The data as text."""
        return self.data.decode("utf-8", "replace")


class Cancelled(Exception):
    """Nobody waits for the result any more; raised by `Plugin.check`."""


def _doc(function):
    return inspect.getdoc(function) or ""


def _arguments(function):
    """Names of the arguments, as people write them: `city`, `days?`, `...rest`."""
    names = []
    for name, parameter in inspect.signature(function).parameters.items():
        if parameter.kind is inspect.Parameter.VAR_POSITIONAL:
            names.append("..." + name)
        elif parameter.kind is inspect.Parameter.VAR_KEYWORD:
            continue
        elif parameter.default is inspect.Parameter.empty:
            names.append(name)
        else:
            names.append(name + "?")
    return names


def _plain(value):
    """What JSON has no word for, as something that it has."""
    if isinstance(value, (bytes, bytearray)):
        return base64.b64encode(value).decode()
    if isinstance(value, (set, frozenset, tuple)):
        return list(value)
    return str(value)


class Plugin:
    """A plugin: what it offers, and the loop that answers."""

    def __init__(self, name, version="", doc="", memory_bytes=None):
        self.name = name
        self._hello = {"type": "hello", "protocol": PROTOCOL, "name": name, "version": version}
        self._hello.update(doc=doc, classes={}, services=[], topics=[], schedules=[])
        self._hello["statistics"] = []
        if memory_bytes is not None:
            self._hello["memoryBytes"] = memory_bytes
        self._methods = {}
        self._schedules = {}
        self._services = {}
        self._topics = []
        self._counts = {}
        self._lines = queue.Queue()
        self._cancelled = set()
        self._lock = threading.Lock()
        self._current = None
        #: Name of the node that runs it, once it has greeted.
        self.node = None
        # Only the protocol goes to stdout: whatever else is printed, here or by a command that is
        # run from here, goes to the log.
        self._out = os.fdopen(os.dup(1), "w", encoding="utf-8", newline="\n")
        os.dup2(2, 1)
        sys.stdout = sys.stderr

    # What a plugin offers.

    def method(self, target=None, *, name=None, timeout=None):
        """Offers a function as a method, `PLUGIN.function` or `name="class.method"`.

        `timeout` is in seconds. As a decorator with or without parentheses.
        """
        if target is None:
            return lambda function: self.method(function, name=name, timeout=timeout)
        self._add_method(name or self.name + "." + target.__name__, target, timeout)
        return target

    def expose(self, cls):
        """Offers the public methods of a class under its name in small letters; makes one of it."""
        made = cls()
        owner = cls.__name__.lower()
        for name, function in inspect.getmembers(made, callable):
            if not name.startswith("_"):
                self._add_method(owner + "." + name, function, None)
        self._hello["classes"].setdefault(owner, {"methods": {}})["doc"] = _doc(cls)
        return cls

    def _add_method(self, full, function, timeout):
        owner, _, word = full.rpartition(".")
        spec = {"doc": _doc(function), "args": _arguments(function)}
        if timeout is not None:
            spec["timeoutMs"] = round(timeout * 1000)
        known = self._hello["classes"].setdefault(owner, {"doc": "", "methods": {}})
        known["methods"][word] = spec
        self._methods[full] = function

    def every(self, seconds, *, jitter=0, timeout=None):
        """Runs a function every so many seconds, late by up to `jitter`; never twice at once."""

        def decorate(function):
            spec = {"name": function.__name__, "doc": _doc(function)}
            spec.update(everyMs=round(seconds * 1000), jitterMs=round(jitter * 1000))
            if timeout is not None:
                spec["timeoutMs"] = round(timeout * 1000)
            self._hello["schedules"].append(spec)
            self._schedules[function.__name__] = function
            return function

        return decorate

    def service(self, name):
        """Registers a service; a function gets each `Message`, and returns what answers it."""

        def decorate(function):
            self._hello["services"].append(name)
            self._services[name] = function
            return function

        return decorate

    def subscribe(self, *patterns):
        """Hands the events of topics to a function: `orders.*.paid`, `orders.>`."""

        def decorate(function):
            self._hello["topics"].extend(patterns)
            self._topics.append((patterns, function))
            return function

        return decorate

    def statistic(self, name, kind="gauge", unit="", doc=""):
        """Announces a statistic: a `counter`, a `gauge` or a `timing`."""
        self._hello["statistics"].append({"name": name, "kind": kind, "unit": unit, "doc": doc})

    # What it may do meanwhile.

    def report(self, name, value, kind=None, unit=None):
        """Reports a value. What was not announced is a gauge, unless `kind` says otherwise."""
        line = {"type": "statistic", "name": name, "value": value}
        if kind is not None:
            line["kind"] = kind
        if unit is not None:
            line["unit"] = unit
        self._write(line)

    def count(self, name, by=1):
        """Adds to a counter, and reports it."""
        with self._lock:
            value = self._counts[name] = self._counts.get(name, 0) + by
        self.report(name, value, "counter")

    @contextlib.contextmanager
    def timing(self, name):
        """Reports how many milliseconds the block took."""
        started = time.monotonic()
        try:
            yield
        finally:
            self.report(name, round((time.monotonic() - started) * 1000, 3), "timing", "ms")

    def raise_flag(self, section, flag, message=None, priority=None, tags=None, manual_down=False):
        """Raises a flag of the node, `PLUGIN/section/flag`; raised again it counts.

        `priority` is info, warning, error or critical. With `manual_down` only a person lowers it.
        """
        line = {"type": "raise", "section": section, "flag": flag, "isManual": manual_down}
        wish = {"message": message, "priority": priority, "tags": tags}
        line.update((name, value) for name, value in wish.items() if value is not None)
        self._write(line)

    def lower_flag(self, section, flag):
        """Lowers it: what was the matter is over."""
        self._write({"type": "lower", "section": section, "flag": flag})

    def progress(self, value):
        """Tells the caller of the present method how far it is."""
        if self._current is not None:
            self._write({"type": "progress", "id": self._current, "value": value})

    def check(self):
        """Raises `Cancelled` when nobody waits for the present method any more."""
        if self._current in self._cancelled:
            raise Cancelled("nobody waits for it any more")

    # The loop.

    def run(self):
        """Says hello, and answers until the node ends its stdin."""
        self._write(self._hello)
        threading.Thread(target=self._read, daemon=True).start()
        while True:
            line = self._lines.get()
            if line is None:
                return
            self._handle(line)

    def _read(self):
        # Read aside, so that a `cancel` is known before what it is for has had its turn.
        try:
            for text in os.fdopen(0, encoding="utf-8", closefd=False):
                line = json.loads(text)
                if line["type"] == "cancel":
                    self._cancelled.add(line["id"])
                else:
                    self._lines.put(line)
        finally:
            self._lines.put(None)

    def _write(self, line):
        text = json.dumps(line, default=_plain, allow_nan=False)
        with self._lock:
            self._out.write(text + "\n")
            self._out.flush()

    def _handle(self, line):
        kind = line["type"]
        if kind == "hello":
            self.node = line["node"]
        elif kind in ("call", "request", "run"):
            self._answer(line, self._find(line))
        elif kind == "message":
            self._hear(self._services[line["service"]], Message(line))
        elif kind == "event":
            for patterns, function in self._topics:
                if any(_matches(pattern, line["topic"]) for pattern in patterns):
                    self._hear(function, Message(line))

    def _find(self, line):
        if line["type"] == "call":
            function = self._methods[line["method"]]
            return lambda: function(*line["args"], **line["kwargs"])
        if line["type"] == "run":
            return self._schedules[line["schedule"]]
        return lambda: self._services[line["service"]](Message(line))

    def _answer(self, line, function):
        self._current = number = line["id"]
        try:
            self.check()
            self._write({"type": "result", "id": number, "value": function()})
        except Exception as error:  # whatever it is, its caller is to hear of it
            args = json.loads(json.dumps(error.args, default=_plain))
            kind = type(error)
            fault = {"class": kind.__name__, "module": kind.__module__, "message": str(error)}
            self._write({"type": "error", "id": number, **fault, "args": args})
        finally:
            self._current = None
            self._cancelled.discard(number)

    def _hear(self, function, message):
        try:
            function(message)
        except Exception as error:  # nobody waits: the log is the place for it
            print("%s: %s: %s" % (message.to, type(error).__name__, error), file=sys.stderr)


def _matches(pattern, topic):
    """Whether a topic is of a pattern: `*` is one word, `>` at the end the rest."""
    wanted, words = pattern.split("."), topic.split(".")
    for index, word in enumerate(wanted):
        if word == ">":
            return len(words) > index
        if index >= len(words) or word not in ("*", words[index]):
            return False
    return len(wanted) == len(words)
