# Sourced: adds up what passed and what failed over the parts of a run. Every part runs, also after one has failed.

count_passed=0
count_failed=0

# count_add PASSED FAILED
count_add() {
  count_passed=$((count_passed + $1))
  count_failed=$((count_failed + $2))
}

# count_step NAME COMMAND…: a command that either passes or fails, and then counts as one.
count_step() {
  local name=$1
  shift
  if "$@"; then
    count_add 1 0
    echo "$name: passed"
  else
    count_add 0 1
    echo "$name: FAILED"
  fi
}

# count_part NAME COMMAND…: a command that prints `N passed, N failed`. Its last such line is taken out of its output,
# added to the total and printed with the part's name. A part that dies without that line, or that exits non-zero
# although it counted no failure, has one failure more than it says.
count_part() {
  local name=$1 line passed='' failed='' status
  shift
  while IFS= read -r line || [ -n "$line" ]; do
    if [[ $line =~ ^([0-9]+)\ passed,\ ([0-9]+)\ failed$ ]]; then
      passed=${BASH_REMATCH[1]} failed=${BASH_REMATCH[2]}
    else
      printf '%s\n' "$line"
    fi
  done < <("$@")
  wait $!
  status=$?
  if [ -z "$passed" ]; then
    echo "$name: ended with status $status and without a count"
    passed=0 failed=1
  elif [ "$status" -ne 0 ] && [ "$failed" -eq 0 ]; then
    echo "$name: counted no failure, and yet ended with status $status"
    failed=1
  fi
  count_add "$passed" "$failed"
  echo "$name: $passed passed, $failed failed"
}

# count_tests NPM-SCRIPT: the tests that vitest runs in this script of package.json, each counted.
count_tests() {
  count_part "$1" count_vitest "$1"
}

count_vitest() {
  local report status
  report=$(mktemp)
  npm run --silent "$1" -- --reporter=default --reporter=json --outputFile.json="$report" </dev/null
  status=$?
  # Without a report the tests died before they could count, and count_part says so.
  [ -s "$report" ] && node_modules/.bin/node scripts/lib/totals.ts "$report"
  rm -f "$report"
  return $status
}

# The last line of a run. Succeeds when something passed and nothing failed.
count_total() {
  echo "$count_passed passed, $count_failed failed"
  [ "$count_failed" -eq 0 ] && [ "$count_passed" -gt 0 ]
}
