#!/bin/sh
# A plugin in plain sh: how long the host is up, by `dagent call NODE: uptime.seconds`. The fields
# of a line stand in a fixed order (docs/PLUGINS.md, 2.4), so that a shell can cut them out.
set -u

seconds() {
  read -r up _ </proc/uptime
  echo "${up%.*}"
}

# One line: its pieces are joined.
tr -d '\n' <<'EOT'
{"type":"hello","protocol":1,"name":"uptime","version":"1.0",
"classes":{"uptime":{"doc":"How long the host is up.","methods":{
"seconds":{"doc":"Seconds since it was started."},
"fail":{"doc":"Raises an error, to see one."}}}},
"statistics":[{"name":"up","kind":"gauge","unit":"seconds"}],
"schedules":[{"name":"measure","everyMs":10000}]}
EOT
echo

while IFS= read -r line; do
  id=${line#*'"id":'}
  id=${id%%,*}
  case $line in
    '{"type":"call","id":'*'"method":"uptime.seconds"'*)
      printf '{"type":"result","id":%s,"value":%s}\n' "$id" "$(seconds)"
      ;;
    '{"type":"call","id":'*)
      printf '{"type":"error","id":%s,"class":"Refused","message":"not today","args":[]}\n' "$id"
      ;;
    '{"type":"run","id":'*)
      printf '{"type":"statistic","name":"up","value":%s}\n' "$(seconds)"
      printf '{"type":"result","id":%s,"value":null}\n' "$id"
      ;;
  esac
done
