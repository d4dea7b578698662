#include "tests/tidy/rules.hpp"

#include <algorithm>

namespace postern::tidy {
namespace {

constexpr std::size_t kLineCharactersMax = 100;
constexpr std::size_t kFileLinesMax = 600;
constexpr std::size_t kFunctionLinesMax = 70;

bool is_written_by_hand(const SourceFile& file) {
    if (file.path.starts_with("tests/corpora/")) return false;  // data, taken as it came
    constexpr std::string_view kEndings[] = {".cpp", ".hpp", ".cmake", ".mjs", ".sql", ".sh"};
    const auto ends = [&file](std::string_view ending) {
        return file.path.ends_with(ending);
    };
    return std::any_of(std::begin(kEndings), std::end(kEndings), ends) || file.path == "dev"
           || file.path == "Containerfile" || file_name(file.path) == "CMakeLists.txt";
}

std::size_t characters(std::string_view utf8) {
    const auto begins = [](char c) {
        return (static_cast<unsigned char>(c) & 0xC0) != 0x80;
    };
    return static_cast<std::size_t>(std::count_if(utf8.begin(), utf8.end(), begins));
}

enum class Scope { outer, function, inner };

// Follows the braces of code that clang-format laid out: a function's body begins at a brace after
// a space; a brace that follows a name at once initialises a member.
class FunctionScan {
 public:
    FunctionScan(const SourceFile& file, Findings& findings) : file_{file}, findings_{findings} {}

    void run() {
        for (line_ = 1; line_ <= file_.lines.size(); ++line_) {
            const std::string& code = file_.lines[line_ - 1].code;
            const bool directive = continued_ || code.starts_with('#');
            continued_ = directive && code.ends_with('\\');
            if (directive) continue;
            for (at_ = 0; at_ < code.size(); ++at_) step(code);
            if (!statement_.empty()) statement_ += ' ';
        }
    }

 private:
    void step(const std::string& code) {
        const char c = code[at_];
        if (c == '{') {
            const bool initialises = at_ > 0 && code[at_ - 1] != ' ' && code[at_ - 1] != '(';
            open(initialises ? Scope::inner : scope_of_statement());
        } else if (c == '}') {
            close();
        } else if (c == ';') {
            if (depth_ == 0) statement_.clear();
        } else if (c != ' ' || !statement_.empty()) {
            if (statement_.empty()) statement_line_ = line_;
            if (c == '(') ++depth_;
            if (c == ')') --depth_;
            statement_ += c;
        }
    }

    Scope scope_of_statement() const {
        const bool outside =
            std::all_of(scopes_.begin(), scopes_.end(), [](Scope s) { return s == Scope::outer; });
        if (!outside || depth_ > 0) return Scope::inner;
        for (const std::string_view word : {"namespace", "class", "struct", "union", "enum"}) {
            if (statement_.find(')') == std::string::npos && has_word(statement_, word)) {
                return Scope::outer;
            }
        }
        if (statement_.find("operator") != std::string::npos) return Scope::function;
        return assigns() || statement_.find(')') == std::string::npos ? Scope::inner
                                                                      : Scope::function;
    }

    bool assigns() const {
        int depth = 0;
        for (const char c : statement_) {
            if (c == '(') ++depth;
            if (c == ')') --depth;
            if (c == '=' && depth == 0) return true;
        }
        return false;
    }

    void open(Scope scope) {
        scopes_.push_back(scope);
        if (scope == Scope::function) function_line_ = statement_line_;
        if (scope != Scope::inner) statement_.clear();
    }

    void close() {
        if (scopes_.empty()) return;
        const Scope scope = scopes_.back();
        scopes_.pop_back();
        if (scope != Scope::inner) statement_.clear();
        if (scope != Scope::function) return;
        const std::size_t length = line_ - function_line_ + 1;
        if (length <= kFunctionLinesMax) return;
        findings_.push_back(
            {file_.path,
             function_line_,
             std::to_string(length)
                 + " lines: name its steps and make each a function of at most "
                   "40 (hard limit 70), so that a reader holds one whole in mind"}
        );
    }

    const SourceFile& file_;
    Findings& findings_;
    std::vector<Scope> scopes_;
    std::string statement_;
    std::size_t statement_line_ = 0;
    std::size_t function_line_ = 0;
    std::size_t line_ = 0;
    std::size_t at_ = 0;
    int depth_ = 0;
    bool continued_ = false;
};

}  // namespace

Findings long_lines(const Repository& repository) {
    Findings findings;
    for (const SourceFile& file : repository.files()) {
        if (!is_written_by_hand(file)) continue;
        for (std::size_t i = 0; i < file.lines.size(); ++i) {
            const std::size_t count = characters(file.lines[i].text);
            if (count <= kLineCharactersMax) continue;
            findings.push_back(
                {file.path,
                 i + 1,
                 std::to_string(count)
                     + " characters: break it at 100, so that two files fit side "
                       "by side"}
            );
        }
    }
    return findings;
}

Findings long_files(const Repository& repository) {
    Findings findings;
    for (const SourceFile& file : repository.files()) {
        if (!is_written_by_hand(file) || file.lines.size() <= kFileLinesMax) continue;
        findings.push_back(
            {file.path,
             0,
             std::to_string(file.lines.size())
                 + " lines: split it by what it is about (aim 400, hard limit 600), so that it can "
                   "be read in one sitting"}
        );
    }
    return findings;
}

Findings long_functions(const Repository& repository) {
    Findings findings;
    for (const SourceFile& file : repository.files()) {
        if (is_cpp(file)) FunctionScan{file, findings}.run();
    }
    return findings;
}

}  // namespace postern::tidy
