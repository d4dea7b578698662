# The words before the cursor that name a command, such as "postern endpoints list".
_postern_path() {
    local path=postern word
    for word in "${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
        _postern_commands "$path" | grep -q "^$word:" && path+=" $word"
    done
    printf '%s\n' "$path"
}

# The answers go into COMPREPLY by mapfile, because a file name may have spaces in it.
_postern() {
    local current=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD-1]} path value words
    path=$(_postern_path)
    value=$(_postern_values "$path $previous")
    COMPREPLY=()
    case $value in
        '<file>') compopt -o filenames 2>/dev/null
            mapfile -t COMPREPLY < <(compgen -f -- "$current") ;;
        '<folder>') compopt -o filenames 2>/dev/null
            mapfile -t COMPREPLY < <(compgen -d -- "$current") ;;
        '<text>') ;;
        '')
            if [[ $current == -* ]]; then words=$(_postern_options "$path")
            else words=$(_postern_commands "$path"); fi
            mapfile -t COMPREPLY < <(compgen -W "$(cut -d: -f1 <<<"$words")" -- "$current") ;;
        *) mapfile -t COMPREPLY < <(compgen -W "$value" -- "$current") ;;
    esac
}

complete -F _postern postern
