#!/usr/bin/env bash
# Takes one safeguard after the other out of the code and expects a test to fail.
# Run in pkg/sorter: bash testdata/mutants.sh
set -u
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
survived=0

# mutant WHAT FILE SED TESTS
mutant() {
	sed -E "$3" "$2" >"$work/$2"
	if cmp -s "$2" "$work/$2"; then
		echo "NOT APPLIED  $1"
		survived=$((survived + 1))
		return
	fi
	printf '{"Replace":{"%s":"%s"}}' "$PWD/$2" "$work/$2" >"$work/overlay.json"
	if ! go build -overlay "$work/overlay.json" . 2>"$work/out"; then
		echo "NOT COMPILED $1: $(tail -1 "$work/out")"
		survived=$((survived + 1))
	elif go test -overlay "$work/overlay.json" -count=1 -timeout 60s -run "$4" . >"$work/out" 2>&1; then
		echo "SURVIVED     $1"
		survived=$((survived + 1))
	else
		echo "killed       $1: $(grep -aoE -- '--- FAIL: [A-Za-z]+|panic: test timed out' "$work/out" | head -1)"
	fi
}

mutant "rename without RENAME_NOREPLACE" rename_linux.go 's/unix\.RENAME_NOREPLACE\)/0)/' 'Replaced|Replaces'
mutant "no fsync of the copy" copy.go 's/err := dst\.Sync\(\)/err := error(nil)/' 'Order|PowerCut'
mutant "no reading back" copy.go 's/err := r\.verify\(it, temp, dst\)/err := error(nil)/' 'ReadBack|Order'
mutant "reading back without comparing" copy.go 's/n != it\.Was\.Size \|\| sum != it\.Sum \{$/n < 0 {/' 'ReadBack|Midway'
mutant "no fsync of folders" folder_at.go 's/err := unix\.Fsync\(d\.fd\)/err := error(nil)/' 'Order'
mutant "folders not synced before sources go" commit.go 's/^	if err := r\.syncFolders\(\); err != nil \{/	if err := error(nil); err != nil {/' 'Order|PowerCut'
mutant "journal not synced before names are given" commit.go 's/err := r\.journal\.sync\(\); err/err := r.journal.write(); err/' 'Order'
mutant "plan not synced before the first change" run.go 's/^	if err := r\.journal\.sync\(\); err != nil \{/	if err := r.journal.write(); err != nil {/' 'Order'
mutant "no last look at a source" commit.go 's/err := r\.unchanged\(it, src\); err/err := error(nil); err/' 'Midway'
mutant "names not written down before they are used" place.go 's/^	r\.journal\.add\(rec\)$//' 'CrashBetween'
mutant "copies not known by their identity" copy.go 's/^	r\.journal\.add\(record\{Do: "made".*$//' 'Crash'
mutant "links below the destination followed" folder_at.go 's/unix\.O_DIRECTORY\|unix\.O_NOFOLLOW, 0\)/unix.O_DIRECTORY, 0)/' 'Links'
mutant "plan gives one name twice" plan.go 's/ \|\| d\.taken\[k\] \{/ {/' 'Modes|ManyOf|EachName'
mutant "names that differ by case are two" names.go 's/strings\.ToLower\(name\), " \."/name, " ."/' 'Key|Modes'
mutant "journal checksums not looked at" journal.go 's/if string\(line\[:8\]\) != .*\{$/if false {/' 'Journal'
mutant "journal paths not looked at" names.go 's/^	if p == "" \|\|.*\{$/	if false {/;s/if part == "\." \|\|.*\{$/if false {/' 'Journal|CheckPath'
mutant "no lock" run.go 's/\} else if !ok \{/} else if !ok \&\& false {/' 'OneAtATime'
mutant "times not kept" attributes_at.go 's/return unix\.UtimesNanoAt\(.*$/return nil/' 'Crash|Modes'
mutant "modes not kept" attributes_at.go 's/err := unix\.Fchmod\(to, uint32\(st\.Mode&0o7777\)\)/err := error(nil)/' 'Crash|Modes'
mutant "attributes not kept" attributes_at.go 's/err := copyXattrs\(to, from\)/err := error(nil)/' 'Attributes'
echo "$survived survived"
exit $((survived > 0))
