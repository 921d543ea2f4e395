#!/usr/bin/env bats
# What goes live is the commit: all of its files, as a checkout has them, or nothing.

load helpers

setup() {
	make_repository 1
	conf staging <<<"ROOT=$root"
	export GIT_CONFIG_GLOBAL=$BATS_TEST_TMPDIR/gitconfig GIT_CONFIG_NOSYSTEM=1
	git config --global user.email test@example.com
	git config --global user.name test
	git config --global protocol.file.allow always
}

commit() { git -C "$repo" add -A && git -C "$repo" commit -qm "$1"; }

with_submodule() {
	git init -q "$BATS_TEST_TMPDIR/lib"
	echo inner >"$BATS_TEST_TMPDIR/lib/lib.txt"
	git -C "$BATS_TEST_TMPDIR/lib" add -A
	git -C "$BATS_TEST_TMPDIR/lib" commit -qm one
	git -C "$repo" submodule add -q "$BATS_TEST_TMPDIR/lib" 'vendor/my lib'
	commit 'with a submodule'
}

@test "every file of the commit goes along, with its mode, as a checkout has it; the work tree does not matter" {
	cd "$repo"
	mkdir docs
	echo kept >docs/guide.md
	echo kept >secret.txt
	# shellcheck disable=SC2016 # for git
	echo '$Format:%H$' >version.txt
	printf 'a\nb\n' >dos.txt
	: >empty
	echo run >run.sh
	chmod +x run.sh
	ln -s run.sh link
	echo odd >$'od"d\tnaïve name'
	printf 'secret.txt export-ignore\ndocs export-ignore\nversion.txt export-subst\ndos.txt text eol=crlf\n' >.gitattributes
	commit all
	git clone -q "$repo" "$BATS_TEST_TMPDIR/clone"
	echo changed >run.sh
	echo untracked >more
	git config core.autocrlf true
	run deploy --env staging
	ends_with 0 result=deployed
	[[ $output == *'note upload source=export-ignore -- docs/, secret.txt go along'* || $output == *'note upload source=export-ignore -- secret.txt, docs/ go along'* ]]
	[[ $output == *'note upload source=export-subst -- version.txt stay'* ]]
	diff -r --no-dereference --exclude .git "$BATS_TEST_TMPDIR/clone" "$root/current/"
	[ -x "$root/current/run.sh" ]
	[ -L "$root/current/link" ]
	[ "$(stat -c %Y "$root/current/run.sh")" = "$(git log -1 --format=%ct)" ]
	[ "$(find "$root/releases" -mindepth 1 -maxdepth 1 | wc -l)" -eq 1 ]
}

@test "a submodule goes along at its commit, from what is here; one that is not here is refused by name" {
	with_submodule
	echo newer >"$repo/vendor/my lib/lib.txt"
	run deploy --env staging
	ends_with 0 result=deployed
	[ "$(cat "$root/current/vendor/my lib/lib.txt")" = inner ]
	git -C "$repo" submodule -q deinit -f 'vendor/my lib'
	run deploy --env staging --release "20250101000000-$(git -C "$repo" rev-parse --short=12 HEAD)"
	ends_with 0 result=deployed
	[ "$(cat "$root/current/vendor/my lib/lib.txt")" = inner ]
	rm -rf "$repo/.git/modules"
	local live
	live=$(live)
	run deploy --env staging --release "20250101000001-$(git -C "$repo" rev-parse --short=12 HEAD)"
	ends_with 10 cause=source
	[[ $output == *'vendor/my lib: git submodule update --init --recursive, or set BUILD_CMD'* ]]
	[ "$(live)" = "$live" ]
	[ "$(find "$root/releases" -name '.incoming*' | wc -l)" -eq 0 ]
}

@test "a pointer of Git LFS never goes live: its file does, or nothing" {
	git lfs version >/dev/null 2>&1 || skip 'git-lfs is not installed here'
	cd "$repo"
	git lfs install --local --skip-repo >/dev/null
	echo '*.bin filter=lfs diff=lfs merge=lfs -text' >.gitattributes
	head -c 5000 /dev/zero >model.bin
	# Told in a text, and no file of LFS: it is what it is.
	printf 'version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n' >example.txt
	commit lfs
	git config --local --remove-section filter.lfs
	GIT_LFS_SKIP_SMUDGE=1 run deploy --env staging
	ends_with 0 result=deployed
	cmp <(head -c 5000 /dev/zero) "$root/current/model.bin"
	# Where git-lfs is not.
	mkdir "$BATS_TEST_TMPDIR/bin"
	printf '#!/bin/sh\nexit 1\n' >"$BATS_TEST_TMPDIR/bin/git-lfs"
	chmod +x "$BATS_TEST_TMPDIR/bin/git-lfs"
	PATH=$BATS_TEST_TMPDIR/bin:$PATH run deploy --env staging --release "20250101000000-$(git rev-parse --short=12 HEAD)"
	ends_with 10 cause=source
	[[ $output == *'only pointers here, model.bin: install git-lfs'* ]]
	# Nor where its files are nowhere.
	rm -rf .git/lfs
	run deploy --env staging --release "20250101000001-$(git rev-parse --short=12 HEAD)"
	ends_with 10 cause=source
	[[ $output == *'model.bin'*'git lfs fetch'* ]]
}

@test "how git and the shell are set up here has no say in what goes live; what has is told" {
	cd "$repo"
	printf '* text=auto\nkey filter=secrets\n' >.gitattributes
	printf 'a\nb\n' >text
	echo key >key
	ln -s text link
	commit good
	local good
	good=$(git rev-parse HEAD)
	echo evil >text
	commit evil
	git replace "$good" HEAD
	git config core.eol crlf
	git config core.symlinks false
	git config core.splitIndex true
	echo 'text text eol=crlf' >"$BATS_TEST_TMPDIR/attributes"
	git config core.attributesFile "$BATS_TEST_TMPDIR/attributes"
	umask 077
	run deploy --env staging --sha "$good"
	ends_with 0 result=deployed
	[ "$(od -An -c "$root/current/text" | tr -d ' ')" = 'a\nb\n' ]
	[ -L "$root/current/link" ]
	[ "$(stat -L -c %a "$root/current" "$root/current/text" | tr '\n' ' ')" = '755 644 ' ]
	[ -z "$(find .git -name 'sharedindex.*' -newer "$BATS_TEST_TMPDIR/attributes")" ]
	[[ $output == *'note upload source=filter -- key (secrets) are what a filter of git makes of them here'* ]]
	[[ $output != *source=attributes* ]]
	echo 'text text eol=crlf' >.git/info/attributes
	run deploy --env staging --sha "$good" --release "20250101000000-${good:0:12}"
	ends_with 0 result=deployed
	[[ $output == *'note upload source=attributes -- info/attributes of this clone has a say'* ]]
}

@test "a submodule is found whatever it is called, also when its working copy is gone or in another work tree" {
	with_submodule
	cd "$repo"
	git mv 'vendor/my lib' $'vendor/q"u|o[t]e\tlib'
	commit moved
	run deploy --env staging
	ends_with 0 result=deployed
	[ "$(cat "$root/current/vendor/"$'q"u|o[t]e\tlib/lib.txt')" = inner ]
	git worktree add -q --detach "$BATS_TEST_TMPDIR/linked"
	cp -r scripts "$BATS_TEST_TMPDIR/linked/"
	run "$BATS_TEST_TMPDIR/linked/scripts/deploy.sh" --env staging --release "20250101000000-$(git rev-parse --short=12 HEAD)"
	ends_with 0 result=deployed
	[ "$(cat "$root/current/vendor/"$'q"u|o[t]e\tlib/lib.txt')" = inner ]
	git rm -q $'vendor/q"u|o[t]e\tlib'
	commit removed
	run deploy --env staging --sha HEAD~1 --release "20250101000001-$(git rev-parse --short=12 HEAD~1)"
	ends_with 0 result=deployed
	[ "$(cat "$root/current/vendor/"$'q"u|o[t]e\tlib/lib.txt')" = inner ]
}

@test "a pointer is found whatever its file is called; a clone without the commit's files says so" {
	cd "$repo"
	local name
	git config filter.lfs.clean cat
	echo '*.bin filter=lfs' >.gitattributes
	mkdir "$BATS_TEST_TMPDIR/bin"
	printf '#!/bin/sh\nexit 1\n' >"$BATS_TEST_TMPDIR/bin/git-lfs"
	chmod +x "$BATS_TEST_TMPDIR/bin/git-lfs"
	for name in 'q"u.bin' $'new\nline.bin' 'back\slash.bin' 'naïve.bin' '-lead.bin'; do
		printf 'version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n' >"./$name"
		commit "$name"
		PATH=$BATS_TEST_TMPDIR/bin:$PATH run deploy --env staging
		ends_with 10 cause=source
		[[ $output == *'only pointers here'* ]]
		rm "./$name"
	done
	commit none
	git config uploadpack.allowFilter true
	git clone -q --filter=blob:none --no-checkout "file://$repo" "$BATS_TEST_TMPDIR/partial"
	git -C "$BATS_TEST_TMPDIR/partial" remote set-url origin "file://$BATS_TEST_TMPDIR/nowhere"
	cp -r scripts "$BATS_TEST_TMPDIR/partial/"
	run "$BATS_TEST_TMPDIR/partial/scripts/deploy.sh" --env staging
	ends_with 10 cause=source
	[[ $output == *'git could not bring every file of '*'git fetch --refetch'* ]]
	[ -z "$(find "$root/releases" -name '.incoming*')" ]
}
