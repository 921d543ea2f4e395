# shellcheck shell=bash disable=SC2034,SC2153 # names are shared among the parts
# Exactly the files of a commit, as a checkout of it has them: submodules at their commits, what Git LFS keeps, and also what
# `git archive` leaves out or fills in. What cannot be had is refused, by name. bash 3.2 is enough.

# git on its own index and directory: no hook, no filter on which files are wanted, no question asked. Nothing of it depends on how
# git is set up here: not the line endings, links and attributes, nor commits that stand in for others.
exact_git() { # GIT-DIRECTORY INDEX OUT ARGUMENT...
	local dir=$1 index=$2 out=$3
	shift 3
	GIT_LFS_SKIP_SMUDGE=0 GIT_DIR="$dir" GIT_WORK_TREE="$out" GIT_INDEX_FILE="$index" GIT_TERMINAL_PROMPT=0 GIT_NO_REPLACE_OBJECTS=1 GIT_ATTR_NOSYSTEM=1 \
		git -C "$out" -c core.hooksPath=/dev/null -c core.fsmonitor=false -c core.splitIndex=false -c core.sparseCheckout=false -c core.autocrlf=false \
		-c core.eol=lf -c core.symlinks=true -c core.attributesFile=/dev/null -c core.quotePath=false "$@"
}

# Fills OUT. What is in the way goes to LOG.why, what has to be said to LOG.notes.
commit_into() { # TOP SHA OUT LOG
	local stamp
	if [ -e "$4.why" ] || [ -e "$4.notes" ]; then rm -f "$4.why" "$4.notes"; fi
	# What runs on the hosts may be another user than the one who deploys.
	umask 022
	chmod 755 "$3"
	tree_into "$1" "$2" "$3" "$4" '' || return 1
	# One time for all hosts, and for as long as the commit is the same.
	stamp=$(TZ=UTC0 GIT_NO_REPLACE_OBJECTS=1 git -C "$1" -c log.showSignature=false log -1 --date=format-local:%Y%m%d%H%M.%S --format=%cd "$2") && TZ=UTC0 find "$3" -exec touch -h -t "$stamp" {} +
}

# The same for the repository at TOP, which is PREFIX of the whole.
tree_into() { # TOP SHA OUT LOG PREFIX
	local top=$1 sha=$2 out=$3 log=$4 prefix=$5 index=$4.index lfs='' code dir own
	[ -z "$prefix" ] || index=$index.$(printf '%s' "$prefix" | cksum | cut -d ' ' -f 1)
	[ ! -e "$index" ] || rm -f "$index"
	dir=$(git_dir_of "$top") && { [ -d "$out" ] || mkdir -p "$out"; } || return 1
	if ! exact_git "$dir" "$index" "$out" read-tree "$sha"; then
		rm -f "$index"
		why "$log" "this clone does not have all of ${sha:0:12}${prefix:+ of $prefix}: fetch it whole (git fetch --refetch), or set BUILD_CMD"
		return 1
	fi
	own=$(exact_git "$dir" "$index" "$out" rev-parse --git-path info/attributes)
	exact_git "$dir" "$index" "$out" ls-files -s >"$index.files" || return 1
	attributes_read
	tree_checkout "$dir" "$index" "$out" "$sha" "$lfs"
	code=$?
	if [ "$code" -eq 0 ]; then
		if [ -s "$index.attr" ]; then attributes_note "$index.attr" "$prefix" "$log"; fi
		if [ -s "$own" ] && grep -qs '^[^#]' "$own"; then
			printf 'attributes %s\n' "info/attributes of this clone${prefix:+ of $prefix} has a say in what its files are, which no other checkout has: move it into .gitattributes" >>"$log.notes"
		fi
		{ [ -z "$lfs" ] || lfs_arrived "$index.lfs" "$out" "$prefix" "$log"; } && submodules_into "$top" "$dir" "$index" "$out" "$log" "$prefix"
		code=$?
	elif [ -n "$lfs" ]; then
		why "$log" "Git LFS could not bring ${prefix}$(some_of "$index.lfs"): git lfs fetch here, or set BUILD_CMD"
	else
		why "$log" "git could not bring every file of ${sha:0:12}${prefix:+ of $prefix}: $(tail -n 1 "$log" | cut -c 1-200). Fetch the clone whole (git fetch --refetch), or set BUILD_CMD"
	fi
	rm -f "$index" "$index.files" "$index.attr" "$index.lfs"
	return "$code"
}

# For tree_into, with its names: INDEX.attr gets the files with attributes that matter, INDEX.lfs those that Git LFS keeps. Where
# nothing says anything about attributes, git is not asked about every file.
attributes_read() {
	: >"$index.attr"
	[ -s "$own" ] || grep -qE '[	/"]\.gitattributes"?$' "$index.files"
	[ $? -ne 1 ] || return 0
	# Of a folder the slash at its end is what the attribute goes by.
	exact_git "$dir" "$index" "$out" ls-tree -r -t "$sha" | sed -E 's/^[0-9]+ tree [^	]*	("?)(.*[^"])("?)$/\1\2\/\3/; s/^[^	]*	//' |
		exact_git "$dir" "$index" "$out" check-attr --cached --stdin filter export-ignore export-subst |
		grep -E ': (filter: [^ ]+|export-(ignore|subst): set)$' | grep -vE ': filter: (unspecified|unset|set)$' >"$index.attr"
	sed -n 's/: filter: lfs$//p' "$index.attr" >"$index.lfs"
	if [ -s "$index.lfs" ]; then lfs=yes; fi
}

# git-lfs is asked also where nobody has set it up: what the tests had it as, they had from it.
tree_checkout() { # GIT-DIRECTORY INDEX OUT SHA LFS
	if [ -n "$5" ] && git lfs version >/dev/null 2>&1; then
		exact_git "$1" "$2" "$3" -c filter.lfs.process='git-lfs filter-process' -c filter.lfs.smudge='git-lfs smudge -- %f' -c filter.lfs.required=true \
			-c lfs.fetchinclude= -c lfs.fetchexclude= read-tree -u --reset "$4"
	else
		exact_git "$1" "$2" "$3" read-tree -u --reset "$4"
	fi && [ -z "$(exact_git "$1" "$2" "$3" ls-files --deleted)" ]
}

# Of a working copy, or of what git keeps of a submodule, whose working copy may be gone.
git_dir_of() { # DIRECTORY
	cd "$1" && { env -u GIT_DIR -u GIT_WORK_TREE -u GIT_INDEX_FILE git rev-parse --absolute-git-dir 2>/dev/null || git --git-dir=. --work-tree=. rev-parse --absolute-git-dir; }
}

# PATH_HERE becomes the name that git shows: in quotes, with backslashes, where it has odd letters.
path_of() { # NAME
	PATH_HERE=$1
	case $1 in '"'*) ;; *) return 0 ;; esac
	PATH_HERE=${1#\"}
	PATH_HERE=${PATH_HERE%\"}
	printf -v PATH_HERE '%b' "${PATH_HERE//\\\"/\"}"
}

# A pointer is three lines that name the file; the file itself is elsewhere. What cannot be looked at has not arrived.
lfs_arrived() { # LIST OUT PREFIX LOG
	local path line missing=$1.missing
	: >"$missing"
	while IFS= read -r path; do
		path_of "$path"
		if [ -L "$2/$PATH_HERE" ] || [ -d "$2/$PATH_HERE" ]; then continue; fi
		line=''
		if [ -r "$2/$PATH_HERE" ]; then { IFS= read -r line <"$2/$PATH_HERE"; } 2>/dev/null; else line='version https://git-lfs.github.com/spec/'; fi
		case $line in 'version https://git-lfs.github.com/spec/'*) printf '%s\n' "$path" >>"$missing" ;; esac
	done <"$1"
	[ ! -s "$missing" ] || why "$4" "the commit has files of Git LFS that are only pointers here, $3$(some_of "$missing"): install git-lfs and run git lfs fetch, or set BUILD_CMD"
	[ ! -s "$missing" ]
	line=$?
	rm -f "$missing"
	return "$line"
}

# The submodule's name in .gitmodules; fails where it has none.
submodule_name() { # GITMODULES PATH
	local entry key
	while IFS= read -r -d '' entry; do
		[ "${entry#*$'\n'}" = "$2" ] || continue
		key=${entry%%$'\n'*}
		key=${key#submodule.}
		printf '%s' "${key%.path}"
		return 0
	done < <(git config -z -f "$1" --get-regexp '^submodule\..*\.path$' 2>/dev/null)
	return 1
}

# Where the submodule's repository is: its working copy, or what git keeps of it; a linked work tree may use what the first one has.
submodule_from() { # TOP GIT-DIRECTORY NAME PATH SHA OUT
	local from common
	common=$(GIT_DIR=$2 git rev-parse --git-common-dir 2>/dev/null) || common=$2
	case $common in /*) ;; *) common=$2/$common ;; esac
	for from in "$1/$4" "$2/modules/$3" "$common/modules/$3"; do
		[ -e "$from/.git" ] || [ -e "$from/HEAD" ] || continue
		exact_git "$(git_dir_of "$from")" "$6.none" "$6" cat-file -e "$5^{commit}" 2>/dev/null || continue
		printf '%s' "$from"
		return 0
	done
	return 1
}

# Each at the commit that is recorded for it, from what is here: nothing is fetched behind anybody's back.
submodules_into() { # TOP GIT-DIRECTORY INDEX OUT LOG PREFIX
	local out=$4 log=$5 prefix=$6 sha path name from missing=''
	while IFS=' ' read -r sha path; do
		path_of "$path"
		path=$PATH_HERE
		# Nobody can bring what .gitmodules does not name: it is empty in every checkout.
		if ! name=$(submodule_name "$out/.gitmodules" "$path"); then
			printf 'submodule %s\n' "$prefix$path is recorded without a place to get it from (.gitmodules): it stays empty, as in every checkout" >>"$log.notes"
		elif from=$(submodule_from "$1" "$2" "$name" "$path" "$sha" "$out"); then
			tree_into "$from" "$sha" "$out/$path" "$log" "$prefix$path/" || return 1
		else
			missing=$missing${missing:+, }$prefix$path
		fi
	done < <(sed -n 's/^160000 \([0-9a-f]*\) 0	\(.*\)$/\1 \2/p' "$3.files")
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
	# Set up machine by machine: encrypted files, for instance, are such where nobody has the key.
	sed -nE '/: filter: lfs$/d; s/: filter: ([^ ]+)$/ (\1)/p' "$1" >"$1.kind"
	[ ! -s "$1.kind" ] || printf 'filter %s\n' "$2$(some_of "$1.kind") are what a filter of git makes of them here; without one, as in the commit" >>"$3.notes"
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
	# Also of one that was cut off.
	[ -e "$2.why" ] || [ -e "$2.notes" ] || compgen -G "$2.index*" >/dev/null || return 0
	rm -f "$2.why" "$2.notes" "$2".index*
}
