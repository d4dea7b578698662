#include "tests/tidy/rules.hpp"

#include <algorithm>
#include <optional>

namespace postern::tidy {
namespace {

struct Include {
    std::size_t line = 0;
    std::string path;
    enum class Form { quoted, angled } form = Form::quoted;
};

std::vector<Include> includes_of(const SourceFile& file) {
    constexpr std::string_view kDirective = "#include ";
    std::vector<Include> includes;
    for (std::size_t i = 0; i < file.lines.size(); ++i) {
        const std::string_view text = file.lines[i].text;
        if (!text.starts_with(kDirective)) continue;
        const std::string_view name = text.substr(kDirective.size());
        const auto form = name.starts_with('<') ? Include::Form::angled : Include::Form::quoted;
        const std::size_t end = name.find(form == Include::Form::angled ? '>' : '"', 1);
        if (end == std::string_view::npos) continue;
        includes.push_back({i + 1, std::string{name.substr(1, end - 1)}, form});
    }
    return includes;
}

std::vector<std::string> words(std::string_view text) {
    std::vector<std::string> result;
    while (true) {
        const std::size_t start = text.find_first_not_of(" \"");
        if (start == std::string_view::npos) return result;
        text.remove_prefix(start);
        const std::size_t end = std::min(text.find_first_of(" \""), text.size());
        result.emplace_back(text.substr(0, end));
        text.remove_prefix(end);
    }
}

// The module whose rights a file has: its own folder, or for a test the one it mirrors.
std::string_view module_of(std::string_view path) {
    constexpr std::string_view kUnitTests = "tests/unit/";
    return top_folder(path.starts_with(kUnitTests) ? path.substr(kUnitTests.size()) : path);
}

struct ThirdParty {
    std::string_view beginning;
    std::vector<std::string_view> homes;  // modules, or the path of a single file
    std::string_view instead;
};

const std::vector<ThirdParty>& third_parties() {
    static const std::vector<ThirdParty> parties{
        {"boost/asio", {"net", "redis", "daemon"}, "net/task.hpp"},
        {"boost/beast", {"net", "daemon"}, "core/http_message.hpp"},
        {"sqlite3", {"storage"}, "the database port of storage/"},
        {"libpq", {"storage"}, "the database port of storage/"},
        {"postgresql/", {"storage"}, "the database port of storage/"},
        {"hiredis", {"redis"}, "redis/client.hpp"},
        {"lz4", {"storage/packing/packed_text.cpp"}, "storage/packing/packed_text.hpp"},
        {"simdjson", {"core/json_document.cpp"}, "core/json_document.hpp"},
        {"openssl/", {"core", "net", "daemon"}, "core/crypto.hpp"},
        {"prometheus/", {"core"}, "core/metrics.hpp"},
        {"spdlog/", {"core"}, "core/log.hpp"},
        {"toml++/", {"config"}, "config/"},
        {"toml.hpp", {"config"}, "config/"},
        {"CLI/", {"daemon"}, "daemon/"},
        {"systemd/", {"systemd"}, "systemd/"},
        {"ares", {"net"}, "net/"},
        {"gtest/", {}, "tests/"},
    };
    return parties;
}

bool is_at_home(const ThirdParty& party, const SourceFile& file) {
    const std::string_view module = module_of(file.path);
    return std::any_of(party.homes.begin(), party.homes.end(), [&](std::string_view home) {
        return home == module || home == file.path;
    });
}

std::string joined(const std::vector<std::string>& parts) {
    std::string text;
    for (const std::string& part : parts) text += (text.empty() ? "" : ", ") + part;
    return text.empty() ? "nothing" : text;
}

void check_arrow(
    const Repository& repository,
    const SourceFile& file,
    const Include& include,
    Findings& findings
) {
    if (!repository.has(include.path)) {
        findings.push_back(
            {file.path,
             include.line,
             include.path
                 + ": no such file; write the path from the "
                   "repository root"}
        );
        return;
    }
    const auto table = layers(repository);
    const Layer* layer = find_layer(table, top_folder(file.path));
    if (layer == nullptr) return;  // tests and tools may look at everything
    const std::string used{top_folder(include.path)};
    const auto& allowed = layer->may_use;
    if (used == layer->module) return;
    if (std::find(allowed.begin(), allowed.end(), used) != allowed.end()) return;
    findings.push_back(
        {file.path,
         include.line,
         layer->module + "/ may use " + joined(allowed) + ", not " + used
             + "/: move what both need down, or pass it in as a value; the layer table is "
               "cmake/PosternModule.cmake"}
    );
}

}  // namespace

std::vector<Layer> layers(const Repository& repository) {
    constexpr std::string_view kRow = "set(POSTERN_LAYER_";
    std::vector<Layer> result;
    const SourceFile* table = repository.find("cmake/PosternModule.cmake");
    if (table == nullptr) return result;
    std::string open_row;  // a long one goes on in the next line
    for (const SourceLine& line : table->lines) {
        if (open_row.empty() && !line.text.starts_with(kRow)) continue;
        open_row += line.text;
        const std::size_t end = open_row.find(')');
        if (end == std::string::npos) continue;
        const std::string_view row =
            std::string_view{open_row}.substr(kRow.size(), end - kRow.size());
        const std::size_t space = row.find(' ');
        result.push_back({std::string{row.substr(0, space)}, words(row.substr(space))});
        open_row.clear();
    }
    return result;
}

const Layer* find_layer(const std::vector<Layer>& layers, std::string_view module) {
    for (const Layer& layer : layers) {
        if (layer.module == module) return &layer;
    }
    return nullptr;
}

Findings forbidden_arrows(const Repository& repository) {
    Findings findings;
    if (layers(repository).empty()) {
        findings.push_back({"cmake/PosternModule.cmake", 0, "holds no POSTERN_LAYER_ row"});
    }
    for (const SourceFile& file : repository.files()) {
        if (!is_cpp(file)) continue;
        for (const Include& include : includes_of(file)) {
            if (include.form == Include::Form::quoted) {
                check_arrow(repository, file, include, findings);
            }
        }
    }
    return findings;
}

Findings foreign_headers(const Repository& repository) {
    Findings findings;
    const auto table = layers(repository);
    for (const SourceFile& file : repository.files()) {
        const bool governed = find_layer(table, module_of(file.path)) != nullptr;
        if (!is_cpp(file) || !governed) continue;
        for (const Include& include : includes_of(file)) {
            if (include.form == Include::Form::quoted) continue;  // ours
            for (const ThirdParty& party : third_parties()) {
                if (!include.path.starts_with(party.beginning)) continue;
                const bool is_test = file.path.starts_with("tests/");
                if (is_at_home(party, file) || (is_test && party.homes.empty())) continue;
                findings.push_back(
                    {file.path,
                     include.line,
                     "<" + include.path + ">: use " + std::string{party.instead}
                         + "; one module knows a library, so that it can be changed in one place"}
                );
            }
        }
    }
    return findings;
}

Findings own_header_first(const Repository& repository) {
    Findings findings;
    for (const SourceFile& file : repository.files()) {
        if (!file.path.ends_with(".cpp")) continue;
        const std::string own = file.path.substr(0, file.path.size() - 4) + ".hpp";
        if (!repository.has(own)) continue;
        const auto includes = includes_of(file);
        if (!includes.empty() && includes.front().path == own) continue;
        findings.push_back(
            {file.path,
             includes.empty() ? 1 : includes.front().line,
             "include \"" + own + "\" first: that is what proves it needs nothing before it"}
        );
    }
    return findings;
}

}  // namespace postern::tidy
