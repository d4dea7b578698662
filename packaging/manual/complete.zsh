# The words before the cursor that name a command, such as "postern endpoints list".
_postern_path() {
    local where=postern word
    for word in "${(@)words[2,CURRENT-1]}"; do
        if [[ -n ${(M)${(f)"$(_postern_commands "$where")"}:#$word:*} ]]; then where+=" $word"; fi
    done
    print -r -- "$where"
}

_postern() {
    local where value
    local -a candidates
    where=$(_postern_path)
    value=$(_postern_values "$where ${words[CURRENT-1]}")
    case $value in
        '<file>') _files ;;
        '<folder>') _files -/ ;;
        '<text>') _message 'a value' ;;
        '')
            if [[ ${words[CURRENT]} == -* ]]; then
                candidates=("${(@f)$(_postern_options "$where")}")
                _describe -o option candidates
            else
                candidates=("${(@f)$(_postern_commands "$where")}")
                _describe command candidates
            fi ;;
        *)
            candidates=(${=value})
            compadd -a candidates ;;
    esac
}

_postern "$@"
