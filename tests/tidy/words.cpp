#include "tests/tidy/rules.hpp"

#include <algorithm>
#include <cctype>

namespace postern::tidy {
namespace {

struct Ban {
    std::string_view word;
    std::string_view instead;
    std::string_view reason;
    std::string_view allowed_in;  // a path's beginning; empty: nowhere
};

constexpr Ban kBans[] = {
    {"std::regex", "a hand-written parser", "it backtracks on strangers' input", ""},
    {"<regex>", "a hand-written parser", "it backtracks and costs 55k lines to include", ""},
    {"<iostream>", "core/log.hpp, or <cstdio> in a tool", "static construction and weight", ""},
    {"std::endl", "'\\n'", "it flushes at every line", ""},
    {"std::cout", "std::printf in a tool, core/log.hpp elsewhere", "one way to print", ""},
    {"std::cerr", "core/log.hpp", "one way to report", ""},
    {"system_clock::now", "Clock of core/time.hpp", "tests own the time", "core/time.cpp"},
    {"sleep_for", "a timer", "a sleep is a race that usually wins", ""},
    {"sleep_until", "a timer", "a sleep is a race that usually wins", ""},
    {"std::rand", "random_bytes of core/crypto.hpp", "it is predictable", ""},
    {"std::srand", "random_bytes of core/crypto.hpp", "it is predictable", ""},
    {"std::stoi", "core/numbers.hpp", "it throws, and takes '12abc' for 12", ""},
    {"std::stol", "core/numbers.hpp", "it throws, and takes '12abc' for 12", ""},
    {"std::stoll", "core/numbers.hpp", "it throws, and takes '12abc' for 12", ""},
    {"std::stoul", "core/numbers.hpp", "it throws, and takes '-1' for a large number", ""},
    {"std::stoull", "core/numbers.hpp", "it throws, and takes '-1' for a large number", ""},
    {"std::stod", "core/money.hpp, or std::from_chars", "amounts never pass a double", ""},
    {"std::atoi", "core/numbers.hpp", "it takes everything for a number", ""},
    {"atoi", "core/numbers.hpp", "it takes everything for a number", ""},
    {"strtoul", "core/numbers.hpp", "it skips spaces and takes signs", ""},
    {"volatile", "std::atomic", "it orders nothing between threads", ""},
    {"assert(", "POSTERN_ASSERT", "ours stays on in release", ""},
    {".detach()", "a thread that somebody joins", "nobody can stop a detached thread", ""},
    {"asio::detached", "log_if_failed", "an exception would vanish", ""},
    {"std::thread", "std::jthread", "a forgotten join aborts the process", ""},
    {"#include \"../", "a path from the repository root", "one spelling for each header", ""},
};

void check_bans(const SourceFile& file, Findings& findings) {
    for (std::size_t i = 0; i < file.lines.size(); ++i) {
        const SourceLine& line = file.lines[i];
        // A directive's path is a literal to the lexer, but it is what the rule is about.
        const std::string_view code = line.code.starts_with('#') ? line.text : line.code;
        for (const Ban& ban : kBans) {
            if (!ban.allowed_in.empty() && file.path.starts_with(ban.allowed_in)) continue;
            if (!has_word(code, ban.word)) continue;
            std::string message{ban.word};
            message += ": write ";
            message += ban.instead;
            message += "; ";
            message += ban.reason;
            findings.push_back({file.path, i + 1, std::move(message)});
        }
    }
}

// A coroutine outlives the frame whose variables such a lambda refers to.
void check_capture_all(const SourceFile& file, Findings& findings) {
    const auto awaits = [](const SourceLine& line) {
        return has_word(line.code, "co_await");
    };
    if (std::none_of(file.lines.begin(), file.lines.end(), awaits)) return;
    for (std::size_t i = 0; i < file.lines.size(); ++i) {
        if (file.lines[i].code.find("[&]") == std::string::npos) continue;
        findings.push_back(
            {file.path,
             i + 1,
             "[&] beside co_await: name each capture, or write a named function that takes values; "
             "the lambda may outlive what it refers to"}
        );
    }
}

std::string lower(std::string_view text) {
    std::string result;
    for (const char c : text) {
        result += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    }
    return result;
}

bool is_text(const SourceFile& file) {
    constexpr std::string_view kEndings[] = {
        ".cpp",
        ".hpp",
        ".cmake",
        ".mjs",
        ".sql",
        ".sh",
        ".md",
        ".toml",
        ".txt",
        ".service",
        ".socket",
        ".conf",
        ".html",
        ".css",
        ".js",
        ".yml",
        ".supp",
        ".json"};
    const auto ends = [&file](std::string_view ending) {
        return file.path.ends_with(ending);
    };
    return std::any_of(std::begin(kEndings), std::end(kEndings), ends) || file.path == "dev"
           || file.path == "Containerfile" || file.path == ".ci/run";
}

// In C++ only comments speak; elsewhere the line as a whole is looked at.
std::string_view spoken_part(const SourceFile& file, const SourceLine& line) {
    return is_cpp(file) ? std::string_view{line.comment} : std::string_view{line.text};
}

}  // namespace

Findings banned_calls(const Repository& repository) {
    Findings findings;
    for (const SourceFile& file : repository.files()) {
        if (!is_cpp(file)) continue;
        check_bans(file, findings);
        check_capture_all(file, findings);
    }
    return findings;
}

Findings unfinished_comments(const Repository& repository) {
    constexpr std::string_view kMarks[] = {"TODO", "FIXME", "XXX", "HACK"};
    constexpr std::string_view kPhrases[] = {
        "for now", "not implemented", "not yet implemented", "simplified version"};
    Findings findings;
    for (const SourceFile& file : repository.files()) {
        if (!is_text(file) || file.path.ends_with("lock.json")) continue;
        for (std::size_t i = 0; i < file.lines.size(); ++i) {
            const std::string_view spoken = spoken_part(file, file.lines[i]);
            const std::string lowered = lower(spoken);
            const auto marked = [spoken](std::string_view mark) {
                return has_word(spoken, mark);
            };
            const auto phrased = [&lowered](std::string_view text) {
                return has_word(lowered, text);
            };
            if (std::none_of(std::begin(kMarks), std::end(kMarks), marked)
                && std::none_of(std::begin(kPhrases), std::end(kPhrases), phrased)) {
                continue;
            }
            findings.push_back(
                {file.path,
                 i + 1,
                 "finish it, or say what it does and does not do: a promise in a "
                 "comment is one that nobody keeps"}
            );
        }
    }
    return findings;
}

Findings machine_paths(const Repository& repository) {
    // In two pieces, because this file is looked at too.
    const std::string places[] = {
        std::string{"/wor"} + "k/", std::string{"/hom"} + "e/", std::string{"/User"} + "s/"};
    Findings findings;
    for (const SourceFile& file : repository.files()) {
        if (!is_text(file)) continue;
        for (std::size_t i = 0; i < file.lines.size(); ++i) {
            for (const std::string& place : places) {
                if (file.lines[i].text.find(place) == std::string::npos) continue;
                findings.push_back(
                    {file.path,
                     i + 1,
                     place
                         + ": write a path from the repository root; nobody "
                           "else has this machine"}
                );
            }
        }
    }
    return findings;
}

// A value that is data may be a bool (`boolean(bool value)`); a switch at a call reads as nothing.
Findings bool_parameters(const Repository& repository) {
    Findings findings;
    for (const SourceFile& file : repository.files()) {
        if (!is_header(file)) continue;
        for (std::size_t i = 0; i < file.lines.size(); ++i) {
            const std::string& code = file.lines[i].code;
            const std::size_t start = std::min(code.find_first_not_of(' '), code.size());
            bool found = code.substr(start).starts_with("bool ") && code.ends_with(",");
            for (const std::string_view opening : {"(bool ", ", bool "}) {
                const std::size_t at = code.find(opening);
                if (at == std::string::npos) continue;
                const std::string_view name = std::string_view{code}.substr(at + opening.size());
                found = found || !(name.starts_with("value)") || name.starts_with("value,"));
            }
            if (!found) continue;
            findings.push_back(
                {file.path,
                 i + 1,
                 "a bool parameter: write an enum of two names, so that the call "
                 "says what it asks for"}
            );
        }
    }
    return findings;
}

Findings header_shape(const Repository& repository) {
    Findings findings;
    for (const SourceFile& file : repository.files()) {
        if (!is_header(file)) continue;
        if (file.lines.empty() || file.lines.front().text != "#pragma once") {
            findings.push_back(
                {file.path, 1, "begin with #pragma once: a header read twice defines twice"}
            );
        }
        for (std::size_t i = 0; i < file.lines.size(); ++i) {
            if (file.lines[i].code.find("using namespace") == std::string::npos) continue;
            findings.push_back(
                {file.path,
                 i + 1,
                 "using namespace in a header: name what you use; every includer "
                 "would get all of it"}
            );
        }
    }
    return findings;
}

}  // namespace postern::tidy
