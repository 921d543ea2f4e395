# Lists of several hosts as one: awk -v hosts=N -f merge.awk LIST... -> `id=... key=value...|why it is no candidate`, newest first.

FNR == 1 { file++ }

/ note release / {
	text = ""
	at = index($0, " -- ")
	if (at > 0) { text = substr($0, at + 4); $0 = substr($0, 1, at - 1) }
	split("", value)
	for (i = 5; i <= NF; i++) { at = index($i, "="); value[substr($i, 1, at - 1)] = substr($i, at + 1) }
	id = value["id"]
	if (!(id in have)) { ids[++count] = id; healthy[id] = "yes"; migration[id] = "none"; deployed[id] = "-" }
	have[id]++
	if (length(value["sha"]) > length(sha[id])) sha[id] = value["sha"]
	if (value["live"] == "yes") { live[id]++; lives[id] = 1 }
	if (value["complete"] == "yes") complete[id]++
	if (value["bad"] == "yes") bad[id] = 1
	if (value["candidate"] == "yes" || value["live"] == "yes") usable[id]++
	if (value["default"] == "yes") { wished[id]++; lives[id] = 1 }
	if (doubt(value["healthy"]) > doubt(healthy[id])) healthy[id] = value["healthy"]
	if (rank(value["migration"]) > rank(migration[id])) migration[id] = value["migration"]
	if (value["deployed"] != "-" && value["deployed"] > deployed[id]) deployed[id] = value["deployed"]
	if (text != "" && why[id] == "") why[id] = text
}

# Of several hosts the least certain word counts.
function doubt(health) { return health == "no" ? 3 : health == "unknown" ? 2 : health == "unproven" ? 1 : 0 }

function rank(kind) { return kind == "incompatible" ? 3 : kind == "unknown" ? 2 : kind == "compatible" ? 1 : 0 }

# The ids begin with the time.
function sort_ids(   i, j, id) {
	for (i = 2; i <= count; i++) {
		id = ids[i]
		for (j = i - 1; j >= 1 && ids[j] < id; j--) ids[j + 1] = ids[j]
		ids[j + 1] = id
	}
}

# Where all hosts can go: what each of them would choose; where they differ, the newest that one of them runs or would choose.
function choose(   i, id) {
	for (i = 1; i <= count; i++) if (wished[ids[i]] == hosts) return ids[i]
	for (i = 1; i <= count; i++) {
		id = ids[i]
		if (lives[id] && usable[id] == hosts && !bad[id] && live[id] < hosts) return id
	}
	return ""
}

END {
	sort_ids()
	chosen = choose()
	for (i = 1; i <= count; i++) {
		id = ids[i]
		is_candidate = (usable[id] == hosts && !bad[id] && live[id] < hosts) || id == chosen
		if (live[id] > 0 && live[id] < hosts) text = "live on " live[id] " of " hosts " hosts"
		else if (complete[id] < hosts) text = "complete on " complete[id] + 0 " of " hosts " hosts"
		else text = why[id]
		printf "id=%s sha=%s live=%s complete=%s healthy=%s bad=%s candidate=%s migration=%s deployed=%s hosts=%d/%d%s|%s\n", id, sha[id], (live[id] == hosts ? "yes" : (live[id] > 0 ? "mixed" : "no")), (complete[id] == have[id] ? "yes" : "no"), healthy[id], (bad[id] ? "yes" : "no"), (is_candidate ? "yes" : "no"), migration[id], deployed[id], have[id], hosts, (id == chosen ? " default=yes" : ""), text
	}
}
