#include "tests/tidy/repository.hpp"

#include <algorithm>
#include <array>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>

namespace postern::tidy {
namespace {

bool is_word_character(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

// Takes C++ apart, line by line, remembering what a line leaves open.
class Splitter {
 public:
    SourceLine split(std::string_view text) {
        line_ = {.text = std::string{text}};
        for (at_ = 0; at_ < text.size();) {
            switch (state_) {
                case State::code: step_code(text); break;
                case State::block_comment: step_block_comment(text); break;
                case State::raw_string: step_raw_string(text); break;
            }
        }
        return line_;
    }

 private:
    enum class State { code, block_comment, raw_string };

    void step_code(std::string_view text) {
        const std::string_view rest = text.substr(at_);
        if (rest.starts_with("//")) {
            line_.comment += rest.substr(2);
            at_ = text.size();
        } else if (rest.starts_with("/*")) {
            state_ = State::block_comment;
            at_ += 2;
        } else if (rest.starts_with("R\"") && !follows_word(text)) {
            raw_end_ = ")";
            raw_end_ += rest.substr(2, rest.find('(') - 2);
            raw_end_ += '"';
            line_.code += "\"\"";
            line_.literals += '"';
            at_ += rest.find('(') + 1;
            state_ = State::raw_string;
        } else if (rest.front() == '"' || (rest.front() == '\'' && !follows_word(text))) {
            take_literal(rest);
        } else {
            line_.code += rest.front();
            ++at_;
        }
    }

    // The quote in 1'000 separates digits; the R in OR"x" belongs to a name.
    bool follows_word(std::string_view text) const {
        return at_ > 0 && is_word_character(text[at_ - 1]);
    }

    void take_literal(std::string_view rest) {
        const char quote = rest.front();
        std::size_t end = 1;
        while (end < rest.size() && rest[end] != quote) end += rest[end] == '\\' ? 2U : 1U;
        end = std::min(end + 1, rest.size());
        line_.code.append(2, quote);
        if (quote == '"') line_.literals += rest.substr(0, end);
        at_ += end;
    }

    void step_block_comment(std::string_view text) {
        const std::size_t end = text.find("*/", at_);
        line_.comment += text.substr(at_, end == std::string_view::npos ? end : end - at_);
        at_ = end == std::string_view::npos ? text.size() : end + 2;
        if (end != std::string_view::npos) state_ = State::code;
    }

    void step_raw_string(std::string_view text) {
        const std::size_t end = text.find(raw_end_, at_);
        line_.literals += text.substr(at_, end == std::string_view::npos ? end : end - at_);
        at_ = end == std::string_view::npos ? text.size() : end + raw_end_.size();
        if (end == std::string_view::npos) return;
        line_.literals += '"';
        state_ = State::code;
    }

    State state_ = State::code;
    std::string raw_end_;
    SourceLine line_;
    std::size_t at_ = 0;
};

std::vector<std::string> tracked_paths() {
    const std::string command =
        "git -C '" POSTERN_SOURCE_DIR "' ls-files --cached --others --exclude-standard";
    const std::unique_ptr<std::FILE, int (*)(std::FILE*)> pipe{
        popen(command.c_str(), "r"), &pclose};
    if (!pipe) return {};
    std::string output;
    std::array<char, 4096> block;
    while (const std::size_t size = std::fread(block.data(), 1, block.size(), pipe.get())) {
        output.append(block.data(), size);
    }
    std::vector<std::string> paths;
    for (std::size_t at = 0; at < output.size();) {
        const std::size_t end = std::min(output.find('\n', at), output.size());
        paths.push_back(output.substr(at, end - at));
        at = end + 1;
    }
    return paths;
}

std::vector<SourceFile> read_tree() {
    std::vector<SourceFile> files;
    for (const std::string& path : tracked_paths()) {
        const std::filesystem::path full = std::filesystem::path{POSTERN_SOURCE_DIR} / path;
        if (!std::filesystem::is_regular_file(full)) continue;  // removed, but not yet from git
        std::ifstream stream{full, std::ios::binary};
        const std::string text{std::istreambuf_iterator<char>{stream}, {}};
        files.push_back(source_file(path, text));
    }
    return files;
}

}  // namespace

SourceFile source_file(std::string path, std::string_view text) {
    SourceFile file{.path = std::move(path), .lines = {}};
    Splitter splitter;
    const bool takes_apart = is_cpp(file);
    while (!text.empty()) {
        const std::size_t end = std::min(text.find('\n'), text.size());
        const std::string_view line = text.substr(0, end);
        file.lines.push_back(
            takes_apart ? splitter.split(line) : SourceLine{.text = std::string{line}}
        );
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return file;
}

const Repository& Repository::of_this_tree() {
    static const Repository repository{read_tree()};
    return repository;
}

const SourceFile* Repository::find(std::string_view path) const {
    for (const SourceFile& file : files_) {
        if (file.path == path) return &file;
    }
    return nullptr;
}

bool is_cpp(const SourceFile& file) {
    return file.path.ends_with(".cpp") || file.path.ends_with(".hpp");
}

bool is_header(const SourceFile& file) {
    return file.path.ends_with(".hpp");
}

std::string_view top_folder(std::string_view path) {
    const std::size_t slash = path.find('/');
    return slash == std::string_view::npos ? std::string_view{} : path.substr(0, slash);
}

std::string_view file_name(std::string_view path) {
    return path.substr(path.rfind('/') + 1);
}

std::string_view stem(std::string_view path) {
    const std::string_view name = file_name(path);
    return name.substr(0, name.find('.'));
}

bool has_word(std::string_view text, std::string_view word) {
    for (std::size_t at = text.find(word); at != std::string_view::npos;
         at = text.find(word, at + 1)) {
        const std::size_t end = at + word.size();
        const bool starts =
            at == 0 || !is_word_character(text[at - 1]) || !is_word_character(word.front());
        const bool ends =
            end == text.size() || !is_word_character(text[end]) || !is_word_character(word.back());
        if (starts && ends) return true;
    }
    return false;
}

}  // namespace postern::tidy
