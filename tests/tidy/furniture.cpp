#include "tests/tidy/rules.hpp"

#include <algorithm>
#include <map>
#include <set>

namespace postern::tidy {
namespace {

constexpr std::size_t kReadmeLinesMax = 60;

std::string under(std::string_view folder, std::string_view name) {
    std::string path{folder};
    path += name;
    return path;
}

// The literals of a line, without their quotes.
std::vector<std::string> literals_of(const SourceLine& line) {
    std::vector<std::string> result;
    const std::string& text = line.literals;
    for (std::size_t at = 0; at < text.size();) {
        const std::size_t end = std::min(text.find('"', at + 1), text.size());
        result.push_back(text.substr(at + 1, end - at - 1));
        at = end + 1;
    }
    return result;
}

struct KindRow {
    std::size_t line = 0;
    std::string name;
};

// The first literal after each "ProviderKind{", which may stand on the line below it.
std::vector<KindRow> registered_kinds(const SourceFile& registry) {
    std::vector<KindRow> rows;
    bool awaited = false;
    for (std::size_t i = 0; i < registry.lines.size(); ++i) {
        const SourceLine& line = registry.lines[i];
        if (line.code.find("ProviderKind{") != std::string::npos) awaited = true;
        const auto literals = literals_of(line);
        if (!awaited || literals.empty()) continue;
        rows.push_back({i + 1, literals.front()});
        awaited = false;
    }
    return rows;
}

bool mentions(const SourceFile& file, std::string_view word) {
    const auto says = [word](const SourceLine& line) {
        return has_word(line.text, word);
    };
    return std::any_of(file.lines.begin(), file.lines.end(), says);
}

void check_kind(
    const Repository& repository,
    const SourceFile& registry,
    const KindRow& row,
    Findings& findings
) {
    const std::string wanted[] = {
        under("verifiers/", row.name + ".hpp"),
        under("verifiers/", row.name + ".cpp"),
        under("verifiers/samples/", row.name + ".cpp"),
        under("tests/unit/verifiers/", row.name + "_test.cpp"),
    };
    for (const std::string& path : wanted) {
        if (repository.has(path)) continue;
        findings.push_back(
            {registry.path,
             row.line,
             "write " + path
                 + ": a provider is a pair, a sample that "
                   "`postern send` can post, and a test"}
        );
    }
}

bool is_snake_case(std::string_view name) {
    const auto fits = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '.';
    };
    return std::all_of(name.begin(), name.end(), fits);
}

bool is_metric_name(std::string_view text) {
    const auto fits = [](char c) {
        return (c >= 'a' && c <= 'z') || c == '_';
    };
    return text.starts_with("postern_") && std::all_of(text.begin(), text.end(), fits);
}

}  // namespace

Findings missing_readmes(const Repository& repository) {
    Findings findings;
    for (const Layer& layer : layers(repository)) {
        const auto belongs = [&layer](const SourceFile& file) {
            return is_cpp(file) && top_folder(file.path) == layer.module;
        };
        if (std::none_of(repository.files().begin(), repository.files().end(), belongs)) continue;
        const std::string path = layer.module + "/README.md";
        const SourceFile* readme = repository.find(path);
        if (readme == nullptr) {
            findings.push_back(
                {path, 0, "write it: what the module is for, its central types, where to start"}
            );
        } else if (readme->lines.size() > kReadmeLinesMax) {
            findings.push_back({path, 0, "more than a page: move the rest to docs/"});
        }
    }
    return findings;
}

Findings incomplete_providers(const Repository& repository) {
    Findings findings;
    const SourceFile* registry = repository.find("verifiers/registry.cpp");
    if (registry == nullptr) return findings;
    const auto rows = registered_kinds(*registry);
    if (rows.empty()) findings.push_back({registry->path, 0, "holds no ProviderKind row"});
    for (const KindRow& row : rows) check_kind(repository, *registry, row, findings);
    for (const SourceFile& file : repository.files()) {
        if (!is_header(file) || top_folder(file.path) != "verifiers") continue;
        const std::string name{stem(file.path)};
        const bool is_provider = mentions(file, "make_" + name);
        const auto same = [&name](const KindRow& row) {
            return row.name == name;
        };
        if (!is_provider || std::any_of(rows.begin(), rows.end(), same)) continue;
        findings.push_back(
            {file.path, 0, "add its line to verifiers/registry.cpp: nothing else can find it"}
        );
    }
    return findings;
}

// The folders in which every file is one of a kind, so that a missing test is a missing proof.
Findings untested_pairs(const Repository& repository) {
    constexpr std::string_view kFolders[] = {"payments/gateways/", "payments/dialects/"};
    Findings findings;
    for (const SourceFile& file : repository.files()) {
        if (!file.path.ends_with(".cpp") || stem(file.path) == "registry") continue;
        const auto inside = [&file](std::string_view folder) {
            return file.path.starts_with(folder);
        };
        const bool decides = file.path.ends_with("_machine.cpp");
        if (!decides && std::none_of(std::begin(kFolders), std::end(kFolders), inside)) continue;
        if (file.path.starts_with("tests/")) continue;
        const std::string base = file.path.substr(0, file.path.size() - 4);
        const std::string test = under("tests/unit/", base + "_test.cpp");
        if (repository.has(test)) continue;
        findings.push_back({file.path, 0, "write " + test + ": it decides about money"});
    }
    return findings;
}

Findings migration_gaps(const Repository& repository) {
    std::map<std::string, std::set<std::string>> numbers_of;
    Findings findings;
    for (const SourceFile& file : repository.files()) {
        const std::size_t folder = file.path.find("/migrations/");
        if (folder == std::string::npos || !file.path.ends_with(".sql")) continue;
        const std::string number{file_name(file.path).substr(0, 4)};
        if (!numbers_of[file.path.substr(0, folder)].insert(number).second) {
            findings.push_back({file.path, 0, "number " + number + " is taken: take the next"});
        }
    }
    for (const auto& [folder, numbers] : numbers_of) {
        std::size_t next = 1;
        for (const std::string& number : numbers) {
            std::string wanted = std::to_string(next++);
            wanted.insert(0, 4 - std::min<std::size_t>(4, wanted.size()), '0');
            if (number == wanted) continue;
            findings.push_back(
                {under(folder, "/migrations"),
                 0,
                 "has " + number + " where " + wanted
                     + " should be: number migrations NNNN_<what>.sql from 0001 without gaps, "
                       "because each assumes all before it"}
            );
            break;
        }
    }
    return findings;
}

Findings file_names(const Repository& repository) {
    constexpr std::string_view kEndings[] = {".cpp", ".hpp", ".sql", ".mjs", ".cmake"};
    Findings findings;
    for (const SourceFile& file : repository.files()) {
        const auto ends = [&file](std::string_view end) {
            return file.path.ends_with(end);
        };
        if (std::none_of(std::begin(kEndings), std::end(kEndings), ends)) continue;
        if (is_snake_case(file_name(file.path)) || file.path.starts_with("cmake/")) continue;
        findings.push_back({file.path, 0, "name it in snake_case, as every other file"});
    }
    return findings;
}

Findings namespaces(const Repository& repository) {
    Findings findings;
    const auto table = layers(repository);
    for (const SourceFile& file : repository.files()) {
        const std::string module{top_folder(file.path)};
        if (!is_cpp(file) || find_layer(table, module) == nullptr) continue;
        const std::string wanted =
            module == "core" ? "namespace postern" : "namespace postern::" + module;
        const auto opens = [](const SourceLine& line) {
            return line.code.starts_with("namespace ");
        };
        const auto right = [&wanted](const SourceLine& line) {
            return has_word(line.code, wanted);
        };
        const auto& lines = file.lines;
        if (std::none_of(lines.begin(), lines.end(), opens)) continue;
        if (std::any_of(lines.begin(), lines.end(), right)) continue;
        findings.push_back({file.path, 0, "open " + wanted + ": a name says where it lives"});
    }
    return findings;
}

Findings unlisted_metrics(const Repository& repository) {
    Findings findings;
    const SourceFile* list = repository.find("docs/METRICS.md");
    const auto table = layers(repository);
    if (list == nullptr) return findings;
    for (const SourceFile& file : repository.files()) {
        if (!is_cpp(file) || find_layer(table, top_folder(file.path)) == nullptr) continue;
        for (std::size_t i = 0; i < file.lines.size(); ++i) {
            for (const std::string& literal : literals_of(file.lines[i])) {
                if (!is_metric_name(literal) || mentions(*list, literal)) continue;
                findings.push_back(
                    {file.path,
                     i + 1,
                     literal
                         + ": list it in docs/METRICS.md; operators build "
                           "alarms from that page"}
                );
            }
        }
    }
    return findings;
}

// A pattern such as "/api/v2/events/{id}" outside the table would be a second table. The command
// line is a client: its patterns say what it calls.
Findings stray_routes(const Repository& repository) {
    Findings findings;
    if (!repository.has("daemon/routes.cpp")) return findings;
    for (const SourceFile& file : repository.files()) {
        const bool may =
            file.path == "daemon/routes.cpp" || file.path.starts_with("daemon/commands/");
        if (!is_cpp(file) || top_folder(file.path) != "daemon" || may) continue;
        for (std::size_t i = 0; i < file.lines.size(); ++i) {
            for (const std::string& literal : literals_of(file.lines[i])) {
                const bool is_pattern =
                    literal.starts_with('/') && literal.find("/{") != std::string::npos;
                if (!is_pattern) continue;
                findings.push_back(
                    {file.path,
                     i + 1,
                     literal
                         + ": add the row to daemon/routes.cpp; the whole "
                           "surface is read in one place"}
                );
            }
        }
    }
    return findings;
}

}  // namespace postern::tidy
