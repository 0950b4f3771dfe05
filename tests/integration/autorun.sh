#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Who may log on and what starts by itself: the fixture tree, a made-up compromised host with its
# right values, and this host against dpkg, systemctl and ssh-keygen.
. "$SOURCE/tests/integration/lib.sh"

# take NAME ROOT MODULES: collects; leaves each table in $work/NAME/TABLE.rows, notes in NAME.notes.
take() {
	mkdir "$work/$1"
	"$collect" --out "$work/$1" --root "$2" --modules "$3" >"$work/out" 2>"$work/err"
	ended=$?
	[ $ended -le 1 ] || failed "exit status $ended of $1: $(cat "$work/err")"
	zstd -qdc "$work/$1"/*.tar.zst | tar xf - -C "$work/$1"
	for table in autorun account account_group sudo_rule authorized_key; do
		cat "$work/$1"/rows/$table.*.jsonl >"$work/$1/$table.rows" 2>/dev/null
	done
	cat "$work/$1"/notes.*.jsonl >"$work/$1.notes" 2>/dev/null
}
# has RUN TABLE TEXT…: one row holds all the texts.
has() {
	run=$1/$2.rows
	shown="$*"
	shift 2
	cp "$work/$run" "$work/left"
	for text in "$@"; do
		grep -F -e "$text" "$work/left" >"$work/next"
		mv "$work/next" "$work/left"
	done
	[ -s "$work/left" ] || failed "no row with: $shown"
}
modules=account,sudo,authorized_key,autorun

# ---- the fixture ----
take fixture "$SOURCE/tests/fixtures/linux-root" $modules
has fixture autorun '"path":"/etc/crontab"' '"target":"/tmp/.cache/updater","target_exists":true'
digest=$(sha256sum <"$SOURCE/tests/fixtures/linux-root/tmp/.cache/updater" | cut -d' ' -f1)
has fixture autorun '"target":"/tmp/.cache/updater"' "\"target_sha256\":\"$digest\""
has fixture autorun '"kind":"systemd-service"' '"command":"/var/tmp/notify.sh"' '"overrides":"/usr/lib/systemd/system/nginx.service"'
has fixture autorun '"name":"apt-daily.service"' '"enabled":false'
has fixture autorun '"name":"cron.service"' '"target_package":"cron"' '"enabled":true'
has fixture autorun '"user":"hanako"' '"name":"sync.service"' '"target":"/home/hanako/.local/bin/agent"'
has fixture autorun '"kind":"ld-preload"' '"target":"/usr/local/lib/libselinux-ext.so"'
has fixture autorun '"kind":"dbus"' '"name":"org.example.Helper"'
has fixture autorun '"kind":"network-hook"' '"path":"/etc/NetworkManager/dispatcher.d/90-route"'
has fixture account '"name":"toor"' '"privileged":true'
has fixture account '"name":"deploy"' '"password_state":"empty"'
has fixture sudo_rule '"who":"deploy"' '"no_password":true,"all_commands":false'
has fixture authorized_key '"options":"command='
grep -q 'FIXTUREsalt' "$work"/fixture/*.rows "$work/fixture.notes" && failed "a password hash left the host"

# ---- a compromised host with its right values ----
tree=$CORPUS/linux-trees/compromised-01.tar
expected=$CORPUS/expected/linux-trees/compromised-01.tsv
if [ -f "$tree" ] && [ -f "$expected" ]; then
	mkdir "$work/root"
	tar xf "$tree" -C "$work/root" 2>/dev/null
	take compromised "$work/root" $modules
	# Each finding that is about log-ons or autoruns has a row of its file with what it must contain.
	tab=$(printf '\t')
	while IFS=$tab read -r path attack finding contains; do
		case $attack in
		T1136* | T1548.003 | T1574.006 | T1053* | T1543* | T1037* | T1546* | T1098* | T1556* | T1547*) ;;
		*) continue ;;
		esac
		cat "$work/compromised"/*.rows | sed 's/\\"/"/g' | grep -F -e "\"path\":\"/$path\"" |
			grep -qF -e "$contains" ||
			case $path in
			# What these say stands in the rows of the files that they name.
			etc/udev/rules.d/*) grep -qF '"name":"RUN","path":"/'"$path" "$work/compromised/autorun.rows" ;;
			home/alice/.config/*) grep -qF '"command":"/home/alice/.cache/.u"' "$work/compromised/autorun.rows" ;;
			etc/shadow) grep -q '"name":"svc".*"password_state":"empty"' "$work/compromised/account.rows" ;;
			etc/ssh/sshd_config) grep -qF '"path":"/etc/ssh/.keys"' "$work/compromised/authorized_key.rows" ;;
			*) false ;;
			esac || failed "not told: $path: $finding ($contains)"
	done <"$expected"
	has compromised autorun '"path":"/etc/cron.d/.sysupdate"' '"enabled":false'
	has compromised autorun '"kind":"systemd-timer"' '"target":"/etc/systemd/system/logsync.service"'
	has compromised autorun '"kind":"modules-load"' 'extra/sysnet.ko' '"target_exists":true'
	mkdir "$work/root0"
	tar xf "$CORPUS/linux-trees/clean-01.tar" -C "$work/root0" 2>/dev/null
	take clean "$work/root0" $modules
	grep -qE '/dev/shm|/var/tmp|198\.51\.100' "$work"/clean/*.rows && failed "the clean tree has what it does not have"
else
	echo "not compared: the corpus is not here ($tree)"
fi

# ---- hostile: special files and circles ----
mkdir -p "$work/odd-root/etc/cron.d" "$work/odd-root/etc/systemd/system/x.service.d" "$work/odd-root/home/u/.config"
mkfifo "$work/odd-root/etc/cron.d/fifo"
ln -s x.service "$work/odd-root/etc/systemd/system/x.service"
ln -s .. "$work/odd-root/etc/systemd/system/x.service.d/up"
ln -s loop.conf "$work/odd-root/etc/systemd/system/x.service.d/loop.conf"
ln -s . "$work/odd-root/home/u/.config/autostart"
ln -s /etc/shadow "$work/odd-root/home/u/.bashrc"
printf '* * * * * $(touch %s/ran) `touch %s/ran`\n' "$work" "$work" >"$work/odd-root/etc/cron.d/inject"
printf 'x;touch %s/ran:x:1:1:$(id):/home/u:/bin/sh\n' "$work" >"$work/odd-root/etc/passwd"
take odd "$work/odd-root" $modules
has odd autorun '"path":"/etc/cron.d/fifo"'
grep -qF '/etc/cron.d/fifo' "$work/odd.notes" || failed "no note of the FIFO"
grep -qF 'x.service' "$work/odd.notes" || failed "no note of the circle"
grep -qF 'root:' "$work/odd/autorun.rows" && failed "a link led out of the root"
[ ! -e "$work/ran" ] || failed "something of the host was run"

# ---- this host ----
[ "$(id -u)" = 0 ] || { echo "not compared: this host, for want of root rights"; done_testing; }
take host / $modules
if command -v dpkg >/dev/null && command -v jq >/dev/null; then
	# Targets and defining files with their owners as dpkg sees them. It knows the unmerged names of some.
	jq -r 'select(.packages_known) | [.path, .package // "-"] , [.target // empty, .target_package // "-"] | select(length == 2) | @tsv' \
		"$work/host/autorun.rows" 2>/dev/null | sort -u | awk 'NR % 2' | head -n 200 >"$work/owners"
	[ "$(wc -l <"$work/owners")" -ge 50 ] || failed "hardly any owner to compare"
	# One question for all: each path under both of its names.
	cut -f1 "$work/owners" | sed 'p; s#^/usr##; t; s#^#/usr#' | xargs -d '\n' dpkg -S 2>/dev/null |
		grep -v '^diversion' | sed 's/^\([^ ,]*\)\(, [^ ]*\)*: \(\/usr\)\{0,1\}\(.*\)$/\4\t\1/' >"$work/dpkg"
	awk -F'\t' 'NR == FNR { own[$1] = $2; next }
		{ path = $1; sub(/^\/usr/, "", path); theirs = path in own ? own[path] : "-" }
		theirs != $2 { print $1 ": \"" $2 "\", dpkg says \"" theirs "\"" }' "$work/dpkg" "$work/owners" >"$work/differ"
	[ -s "$work/differ" ] && failed "owners differ: $(cat "$work/differ")"
	echo "compared with dpkg: $(wc -l <"$work/owners") files"
else
	echo "not compared: owners, for want of dpkg or jq"
fi
if command -v systemctl >/dev/null && command -v jq >/dev/null &&
	systemctl --root=/ list-unit-files --no-legend --no-pager >"$work/units" 2>/dev/null && [ -s "$work/units" ]; then
	jq -r 'select((.kind | startswith("systemd-")) and (.path | startswith("/home") | not) and .user != "*") | [.name, .enabled] | @tsv' \
		"$work/host/autorun.rows" | sort -u >"$work/ours"
	compared=0
	while read -r unit state rest; do
		case $unit in *.service | *.timer | *.socket | *.path) ;; *) continue ;; esac
		mine=$(awk -v u="$unit" '$1 == u { print $2 == "" ? "null" : $2 }' "$work/ours" | sort -u | paste -sd' ' -)
		compared=$((compared + 1))
		case $state in
		enabled | enabled-runtime | linked*) case $unit in *@.*) ;; *) [ "$mine" = true ] || failed "$unit is $state, we say '$mine'" ;; esac ;;
		masked*) [ "$mine" = false ] || failed "$unit is $state, we say '$mine'" ;;
		*) [ -n "$mine" ] || failed "$unit is $state, we do not have it" ;;
		esac
	done <"$work/units"
	echo "compared with systemctl: $compared units"
else
	echo "not compared: units, for want of systemctl or jq"
fi
getent passwd >/dev/null 2>&1 && cut -d: -f1 /etc/passwd | sort >"$work/names" &&
	sed 's/.*"name":"\([^"]*\)".*/\1/' "$work/host/account.rows" | sort | cmp -s - "$work/names" ||
	failed "the accounts are not those of /etc/passwd"

# ---- fingerprints as ssh-keygen shows them ----
if command -v ssh-keygen >/dev/null; then
	mkdir -p "$work/key-root/root/.ssh" "$work/key-root/etc"
	echo 'root:x:0:0::/root:/bin/sh' >"$work/key-root/etc/passwd"
	for type in ed25519 rsa ecdsa; do
		ssh-keygen -q -t $type -N '' -C "key $type" -f "$work/key" && cat "$work/key.pub" >>"$work/key-root/root/.ssh/authorized_keys"
		rm -f "$work/key" "$work/key.pub"
	done
	take keys "$work/key-root" authorized_key
	ssh-keygen -lf "$work/key-root/root/.ssh/authorized_keys" | cut -d' ' -f2 >"$work/theirs"
	sed 's/.*"fingerprint":"\([^"]*\)".*/\1/' "$work/keys/authorized_key.rows" | cmp -s - "$work/theirs" ||
		failed "fingerprints are not those of ssh-keygen"
else
	echo "not compared: fingerprints, for want of ssh-keygen"
fi
done_testing
