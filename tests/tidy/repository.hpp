#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace postern::tidy {

// One line of a C++ file, taken apart: rules about calls must not see comments and literals, rules
// about comments must not see code. Each part keeps its columns; the rest is blank.
struct SourceLine {
    std::string text;
    std::string code;      // literals empty: "" and ''
    std::string comment;   // what stands after // or between /* and */
    std::string literals;  // string literals with their quotes, one after the other
};

struct SourceFile {
    std::string path;  // from the repository root
    std::vector<SourceLine> lines;
};

struct Finding {
    std::string path;
    std::size_t line = 0;  // from 1; 0 stands for the whole file
    std::string message;   // what to write instead, and why
};
using Findings = std::vector<Finding>;

SourceFile source_file(std::string path, std::string_view text);

class Repository {
 public:
    // What git knows and what it would add; read once, for it is the same for every rule.
    static const Repository& of_this_tree();
    explicit Repository(std::vector<SourceFile> files) : files_{std::move(files)} {}

    const std::vector<SourceFile>& files() const { return files_; }
    const SourceFile* find(std::string_view path) const;
    bool has(std::string_view path) const { return find(path) != nullptr; }

 private:
    std::vector<SourceFile> files_;
};

bool is_cpp(const SourceFile& file);
bool is_header(const SourceFile& file);
std::string_view top_folder(std::string_view path);  // "core" of "core/ids.hpp"
std::string_view file_name(std::string_view path);   // "ids.hpp" of "core/ids.hpp"
std::string_view stem(std::string_view path);        // "ids" of "core/ids.hpp"

// Where `word` stands in `text` with no letter, digit or underscore on either side.
bool has_word(std::string_view text, std::string_view word);

}  // namespace postern::tidy
