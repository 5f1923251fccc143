#!/usr/bin/env python3
"""A plugin in Python: how full disks are, by `dagent call NODE: disk.usage /var`."""
import shutil

from dagent_plugin import Plugin

plugin = Plugin("disk", version="1.0", doc="How full the disks of the host are.")
plugin.statistic("used", "gauge", "percent", "Of the root filesystem.")


@plugin.method
def usage(path="/"):
    """Tells total, used and free bytes of the filesystem that has a path."""
    return shutil.disk_usage(path)._asdict()


@plugin.every(30, jitter=5)
def measure():
    """Reports how much of the root filesystem is used."""
    total, used, _ = shutil.disk_usage("/")
    plugin.report("used", round(100 * used / total, 1))


plugin.run()
