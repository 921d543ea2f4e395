# shellcheck shell=bash disable=SC2034,SC2153 # names are shared among the parts
# Exactly the files of a commit, as a checkout of it has them: submodules at their commits, what Git LFS keeps, and also what
# `git archive` leaves out or fills in. What cannot be had is refused, by name. bash 3.2 is enough.

# git on its own index and directory: no hook, no filter on which files are wanted, nobody's line endings, no question asked.
exact_git() { # GIT-DIRECTORY INDEX OUT ARGUMENT...
	local dir=$1 index=$2 out=$3
	shift 3
	env -u GIT_LFS_SKIP_SMUDGE GIT_DIR="$dir" GIT_WORK_TREE="$out" GIT_INDEX_FILE="$index" GIT_TERMINAL_PROMPT=0 \
		git -C "$out" -c core.hooksPath=/dev/null -c core.fsmonitor=false -c core.sparseCheckout=false -c core.autocrlf=false -c core.quotePath=false "$@"
}

# Fills OUT. What is in the way goes to LOG.why, what has to be said to LOG.notes.
commit_into() { # TOP SHA OUT LOG
	local stamp
	rm -f "$4.why" "$4.notes"
	tree_into "$1" "$2" "$3" "$4" '' || return 1
	# One time for all hosts, and for as long as the commit is the same.
	stamp=$(TZ=UTC0 git -C "$1" log -1 --date=format-local:%Y%m%d%H%M.%S --format=%cd "$2") && TZ=UTC0 find "$3" -exec touch -h -t "$stamp" {} +
}

# The same for the repository at TOP, which is PREFIX of the whole.
tree_into() { # TOP SHA OUT LOG PREFIX
	local top=$1 sha=$2 out=$3 log=$4 prefix=$5 index=$4.index lfs='' code dir
	[ -z "$prefix" ] || index=$index.$(printf '%s' "$prefix" | cksum | cut -d ' ' -f 1)
	rm -f "$index"
	dir=$(cd "$top" && env -u GIT_DIR -u GIT_WORK_TREE -u GIT_INDEX_FILE git rev-parse --absolute-git-dir) || return 1
	mkdir -p "$out" && exact_git "$dir" "$index" "$out" read-tree "$sha" || return 1
	# Of a folder the slash at its end is what the attribute goes by.
	exact_git "$dir" "$index" "$out" ls-tree -r -t "$sha" | sed -E 's/^[0-9]+ tree [^	]*	("?)(.*[^"])("?)$/\1\2\/\3/; s/^[^	]*	//' |
		exact_git "$dir" "$index" "$out" check-attr --cached --stdin filter export-ignore export-subst | grep -E ': (filter: lfs|export-(ignore|subst): set)$' >"$index.attr"
	sed -n 's/: filter: lfs$//p' "$index.attr" >"$index.lfs"
	if [ -s "$index.lfs" ]; then lfs=yes; fi
	tree_checkout "$dir" "$index" "$out" "$sha" "$lfs"
	code=$?
	if [ "$code" -eq 0 ]; then
		attributes_note "$index.attr" "$prefix" "$log"
		lfs_arrived "$index.lfs" "$out" "$prefix" "$log" && submodules_into "$top" "$dir" "$index" "$out" "$log" "$prefix"
		code=$?
	elif [ -n "$lfs" ]; then
		why "$log" "Git LFS could not bring ${prefix}$(some_of "$index.lfs"): git lfs fetch here, or set BUILD_CMD"
	fi
	rm -f "$index" "$index.attr" "$index.lfs"
	return "$code"
}

# git-lfs is asked also where nobody has set it up: what the tests had it as, they had from it.
tree_checkout() { # GIT-DIRECTORY INDEX OUT SHA LFS
	if [ -n "$5" ] && git lfs version >/dev/null 2>&1; then
		exact_git "$1" "$2" "$3" -c filter.lfs.process='git-lfs filter-process' -c filter.lfs.smudge='git-lfs smudge -- %f' -c filter.lfs.required=true \
			-c lfs.fetchexclude= read-tree -u --reset "$4"
	else
		exact_git "$1" "$2" "$3" read-tree -u --reset "$4"
	fi && [ -z "$(exact_git "$1" "$2" "$3" ls-files --deleted | head -n 1)" ]
}

# A pointer is three lines that name the file; the file itself is elsewhere.
lfs_arrived() { # LIST OUT PREFIX LOG
	local path line missing=$1.missing
	: >"$missing"
	while IFS= read -r path; do
		[ "${path#\"}" = "$path" ] || { path=${path#\"}; path=$(printf '%b' "${path%\"}"); }
		line=''
		{ IFS= read -r line <"$2/$path"; } 2>/dev/null
		case $line in 'version https://git-lfs.github.com/spec/'*) printf '%s\n' "$path" >>"$missing" ;; esac
	done <"$1"
	[ ! -s "$missing" ] || why "$4" "the commit has files of Git LFS that are only pointers here, $3$(some_of "$missing"): install git-lfs and run git lfs fetch, or set BUILD_CMD"
	[ ! -s "$missing" ]
	line=$?
	rm -f "$missing"
	return "$line"
}

# Each at the commit that is recorded for it, from what is here: nothing is fetched behind anybody's back.
submodules_into() { # TOP GIT-DIRECTORY INDEX OUT LOG PREFIX
	local top=$1 dir=$2 out=$4 log=$5 prefix=$6 sha path from missing='' named modules
	modules=$(exact_git "$dir" "$3" "$out" ls-files -s | sed -n 's/^160000 \([0-9a-f]*\) 0	\(.*\)$/\1 \2/p')
	[ -n "$modules" ] || return 0
	named=$(git config -f "$out/.gitmodules" --get-regexp '^submodule\..*\.path$' 2>/dev/null)
	while IFS=' ' read -r sha path; do
		[ -n "$path" ] || continue
		# Nobody can bring what .gitmodules does not name: it is empty in every checkout.
		case $'\n'$named$'\n' in
			*" $path"$'\n'*) ;;
			*) printf 'submodule %s\n' "$prefix$path is recorded without a place to get it from (.gitmodules): it stays empty, as in every checkout" >>"$log.notes"; continue ;;
		esac
		from=$top/$path
		[ -e "$from/.git" ] || from=$dir/modules/$(printf '%s\n' "$named" | sed -n "s|^submodule\\.\\(.*\\)\\.path $path\$|\\1|p" | head -n 1)
		if [ -d "$from" ] && (cd "$from" && git cat-file -e "$sha^{commit}") 2>/dev/null; then
			tree_into "$from" "$sha" "$out/$path" "$log" "$prefix$path/" || return 1
		else
			missing=$missing${missing:+, }$prefix$path
		fi
	done <<<"$modules"
	[ -n "$missing" ] || return 0
	why "$log" "the commit has submodules that are not here at their commits, $missing: git submodule update --init --recursive, or set BUILD_CMD"
	return 1
}

attributes_note() { # ATTRIBUTES PREFIX LOG
	local kind text
	for kind in ignore subst; do
		sed -n "s/: export-$kind: set\$//p" "$1" >"$1.kind"
		[ -s "$1.kind" ] || continue
		text='go along all the same, as in every checkout'
		[ $kind = ignore ] || text='stay as they are in the commit, as in every checkout; a BUILD_CMD with git archive fills them in'
		printf 'export-%s %s\n' "$kind" "$2$(some_of "$1.kind") $text" >>"$3.notes"
	done
	rm -f "$1.kind"
}

some_of() { # FILE-OF-NAMES
	local count
	count=$(grep -c '' "$1")
	head -n 3 "$1" | cut -c 1-100 | sed -e :a -e '$!N; s/\n/, /; ta' | tr -d '\n'
	[ "$count" -le 3 ] || printf ' and %s more' "$((count - 3))"
}

why() { # LOG TEXT
	[ -s "$1.why" ] || printf '%s\n' "$2" >"$1.why"
}

# After commit_into: says what there is to say, in the step STEP, and leaves in BUILD_CAUSE and BUILD_WHY why it came to nothing.
commit_said() { # STEP LOG
	local key text
	BUILD_CAUSE=build BUILD_WHY=''
	if [ -s "$2.why" ]; then
		BUILD_CAUSE=source BUILD_WHY=$(cut -c 1-600 "$2.why")
	fi
	if [ -s "$2.notes" ]; then
		while read -r key text; do emit note "$1" "source=$key" -- "$text"; done <"$2.notes"
	fi
	rm -f "$2.why" "$2.notes"
}
