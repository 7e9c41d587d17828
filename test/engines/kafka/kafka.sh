#!/usr/bin/env bash
# A real Kafka (KRaft) of one or more brokers on this machine's loopback, for tests. Needs bash, a JDK 17 or later, Maven and Node.
#
#   kafka.sh start DIR [PORT] [BROKERS]   starts what does not run yet and waits until it serves; prints the address list
#   kafka.sh stop DIR [BROKER]            stops all brokers, or one of them (0, 1, ...)
#   kafka.sh status DIR                   one line a broker; fails unless all of them run
#   kafka.sh jars                         fetches the jars where they are missing; prints their folder
#
# Broker i listens on PORT + 2i and, as a controller, on PORT + 2i + 1. DIR keeps data, settings, logs and process ids.
# Where KAFKA_OWNER is the id of a process, the brokers end with it, and the data are removed: a test that is killed cleans up nothing.
# KAFKA_VERSION takes another version, KAFKA_JARS another folder for the jars, which are fetched once.
set -euo pipefail

readonly here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
readonly version=${KAFKA_VERSION:-3.9.1}
readonly jars=${KAFKA_JARS:-$here/../../../node_modules/.cache/meterbook/kafka-$version}
readonly default_port=19092
readonly stop_timeout_s=30
readonly owner_look_s=1
# Any 16 bytes in URL-safe base64.
readonly cluster_id=bWV0ZXJib29rLXRlc3QtMQ

fail() {
  echo "kafka.sh: $*" >&2
  exit 1
}

# Into a folder of its own first: whoever comes second, or is stopped half-way, never sees a part of the jars.
fetch_jars() {
  [ -d "$jars" ] && return
  mkdir -p "$(dirname "$jars")"
  local fetched
  fetched=$(mktemp -d "$jars.XXXXXX")
  mvn -B -q -f "$here/pom.xml" "-Dkafka.version=$version" dependency:copy-dependencies \
    -DincludeScope=runtime "-DoutputDirectory=$fetched" >&2 || fail "Maven could not fetch Kafka $version"
  mv -T "$fetched" "$jars" 2>/dev/null || rm -rf "$fetched"
  [ -d "$jars" ] || fail "the jars could not be put into $jars"
}

brokers_of() {
  cat "$1/brokers" 2>/dev/null || fail "no cluster was ever started in $1"
}

# A process id may have been given to another process since.
runs() {
  local pid
  pid=$(cat "$1/pid" 2>/dev/null) && ps -p "$pid" -o args= 2>/dev/null | grep -qF "$1/server.properties"
}

configure() {
  local dir=$1 port=$2 brokers=$3 node=$4
  local voters='' i
  for ((i = 0; i < brokers; i++)); do voters+="${voters:+,}$i@127.0.0.1:$((port + 2 * i + 1))"; done
  local replicas=$((brokers < 3 ? brokers : 3))
  local in_sync=$((replicas > 2 ? 2 : 1))
  mkdir -p "$dir/broker-$node"
  cat >"$dir/broker-$node/server.properties" <<SETTINGS
process.roles=broker,controller
node.id=$node
controller.quorum.voters=$voters
listeners=PLAINTEXT://127.0.0.1:$((port + 2 * node)),CONTROLLER://127.0.0.1:$((port + 2 * node + 1))
advertised.listeners=PLAINTEXT://127.0.0.1:$((port + 2 * node))
listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT
controller.listener.names=CONTROLLER
log.dirs=$dir/broker-$node/data
auto.create.topics.enable=false
offsets.topic.num.partitions=4
offsets.topic.replication.factor=$replicas
transaction.state.log.num.partitions=4
transaction.state.log.replication.factor=$replicas
transaction.state.log.min.isr=$in_sync
group.initial.rebalance.delay.ms=0
group.min.session.timeout.ms=1000
broker.heartbeat.interval.ms=500
broker.session.timeout.ms=3000
log.cleaner.threads=1
log.cleaner.dedupe.buffer.size=2097152
num.network.threads=2
num.io.threads=4
SETTINGS
  cat >"$dir/broker-$node/log4j.properties" <<'SETTINGS'
log4j.rootLogger=WARN, out
log4j.appender.out=org.apache.log4j.ConsoleAppender
log4j.appender.out.layout=org.apache.log4j.PatternLayout
log4j.appender.out.layout.ConversionPattern=%d %p %c %m%n
SETTINGS
}

start_broker() {
  local folder=$1
  local java=(java -Xmx512m -Xms64m "-Dlog4j.configuration=file:$folder/log4j.properties" -cp "$jars/*")
  [ -f "$folder/data/meta.properties" ] ||
    "${java[@]}" kafka.tools.StorageTool format -t "$cluster_id" -c "$folder/server.properties" \
      >"$folder/format.log" 2>&1 || fail "the data folder could not be made: $(tail -n 3 "$folder/format.log")"
  # A session of its own: a signal to the caller's group must not reach it.
  setsid "${java[@]}" kafka.Kafka "$folder/server.properties" >>"$folder/log" 2>&1 </dev/null &
  echo $! >"$folder/pid"
}

# Ends the brokers once their owner is gone; a process of its own, which nothing that ends the owner reaches.
watch_owner() {
  local dir=$1 owner=$2
  [ -n "$owner" ] || return 0
  # The pipe of the caller is not for it: whoever reads the address list waits until all have let go.
  setsid bash -c '
    dir=$1 owner=$2
    # An id may be given to another process: who started when it did is it.
    started() { ps -p "$owner" -o lstart= 2>/dev/null; }
    first=$(started)
    while [ -n "$first" ] && [ -d "$dir" ] && [ "$(started)" = "$first" ]; do sleep "$3"; done
    [ -d "$dir" ] || exit 0
    for file in "$dir"/broker-*/pid; do
      pid=$(cat "$file") || continue
      ps -p "$pid" -o args= 2>/dev/null | grep -qF "${file%/pid}/server.properties" && kill -9 "$pid"
    done
    rm -rf "$dir"
  ' watch "$dir" "$owner" "$owner_look_s" >/dev/null 2>&1 </dev/null &
}

start() {
  local dir=$1 port=$2 brokers=$3 i addresses=''
  if [ -f "$dir/brokers" ] && [ "$(cat "$dir/brokers") $(cat "$dir/port")" != "$brokers $port" ]; then
    fail "the cluster in $dir has $(cat "$dir/brokers") brokers from port $(cat "$dir/port") on"
  fi
  fetch_jars
  echo "$brokers" >"$dir/brokers"
  echo "$port" >"$dir/port"
  for ((i = 0; i < brokers; i++)); do
    configure "$dir" "$port" "$brokers" "$i"
    runs "$dir/broker-$i" || start_broker "$dir/broker-$i"
    addresses+="${addresses:+,}127.0.0.1:$((port + 2 * i))"
  done
  [ -e "$dir/watched" ] || watch_owner "$dir" "${KAFKA_OWNER:-}"
  touch "$dir/watched"
  if ! node "$here/ready.cjs" "$addresses" >&2; then
    for ((i = 0; i < brokers; i++)); do tail -n 5 "$dir/broker-$i/log" >&2; done
    fail "the cluster in $dir does not serve"
  fi
  echo "$addresses"
}

stop_broker() {
  local folder=$1 pid i
  runs "$folder" || return 0
  pid=$(cat "$folder/pid")
  kill "$pid"
  for ((i = 0; i < stop_timeout_s * 10; i++)); do
    runs "$folder" || return 0
    sleep 0.1
  done
  # A broker that has lost its quorum does not end by itself.
  kill -9 "$pid"
}

stop() {
  local dir=$1 brokers i
  if [ -n "${2:-}" ]; then
    stop_broker "$dir/broker-$2"
    return
  fi
  brokers=$(brokers_of "$dir")
  for ((i = 0; i < brokers; i++)); do stop_broker "$dir/broker-$i" & done
  wait
}

status() {
  local dir=$1 brokers i all=0
  brokers=$(brokers_of "$dir")
  for ((i = 0; i < brokers; i++)); do
    if runs "$dir/broker-$i"; then
      echo "broker $i runs as process $(cat "$dir/broker-$i/pid") on 127.0.0.1:$(($(cat "$dir/port") + 2 * i))"
    else
      echo "broker $i does not run"
      all=1
    fi
  done
  return $all
}

command=${1:-}
if [ "$command" = jars ]; then
  fetch_jars
  (cd "$jars" && pwd)
  exit
fi
[ $# -ge 2 ] || fail 'usage: kafka.sh start DIR [PORT] [BROKERS] | stop DIR [BROKER] | status DIR | jars'
mkdir -p "$2"
dir=$(cd "$2" && pwd)
case $command in
  start) start "$dir" "${3:-$(cat "$dir/port" 2>/dev/null || echo $default_port)}" "${4:-$(cat "$dir/brokers" 2>/dev/null || echo 1)}" ;;
  stop) stop "$dir" "${3:-}" ;;
  status) status "$dir" ;;
  *) fail "unknown command $command" ;;
esac
