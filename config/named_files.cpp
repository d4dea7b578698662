#include "config/named_files.hpp"

namespace postern::config {
namespace {

constexpr std::string_view kFileSuffix = "_file";
constexpr std::string_view kPemBegin = "-----BEGIN ";
constexpr std::string_view kPemEnd = "-----END ";
constexpr std::string_view kWhiteSpace = " \t\r\n";

std::string_view trim(std::string_view text) {
    const auto first = text.find_first_not_of(kWhiteSpace);
    if (first == std::string_view::npos) return {};
    return text.substr(first, text.find_last_not_of(kWhiteSpace) - first + 1);
}

// Each block from its BEGIN to the end of its END line; remarks between blocks stay out.
SettingList pem_blocks(std::string_view text) {
    SettingList blocks;
    for (;;) {
        const auto begin = text.find(kPemBegin);
        if (begin == std::string_view::npos) return blocks;
        text.remove_prefix(begin);
        const auto end = text.find(kPemEnd);
        if (end == std::string_view::npos) return blocks;
        const auto line_end = text.find('\n', end);
        const auto size = line_end == std::string_view::npos ? text.size() : line_end + 1;
        blocks.push_back(SettingValue{std::string{text.substr(0, size)}});
        text.remove_prefix(size);
    }
}

SettingList filled_lines(std::string_view text) {
    SettingList lines;
    while (!text.empty()) {
        const auto end = text.find('\n');
        const std::string_view line = trim(text.substr(0, end));
        if (!line.empty()) lines.push_back(SettingValue{std::string{line}});
        text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    }
    return lines;
}

SettingValue value_of(std::string_view key, const std::string& text) {
    const bool is_pem = text.find(kPemBegin) != std::string::npos;
    if (key.ends_with('s')) {
        return SettingValue{is_pem ? pem_blocks(text) : filled_lines(text)};
    }
    return SettingValue{is_pem ? text : std::string{trim(text)}};
}

std::string sentence(std::string_view key, std::string_view problem) {
    std::string text{key};
    text += ' ';
    text += problem;
    return text;
}

}  // namespace

NamedFiles::NamedFiles(const LoadInput& input)
    : read_file_{input.read_file}, wish_{input.named_files} {
    const auto credentials = input.environment.find("CREDENTIALS_DIRECTORY");
    if (credentials != input.environment.end() && !credentials->second.empty()) {
        folders_.emplace_back(credentials->second);
    }
    folders_.push_back(input.path.parent_path());
}

std::optional<NamedFiles::Found> NamedFiles::find(std::string_view name) const {
    if (wish_ == LoadInput::NamedFiles::left_alone) return Found{name, {}};
    return look_for(name);
}

std::optional<NamedFiles::Found> NamedFiles::look_for(std::string_view name) const {
    if (!read_file_) return std::nullopt;
    for (const std::filesystem::path& folder : folders_) {
        // An absolute name replaces the folder it is joined to.
        std::filesystem::path path = folder / name;
        if (auto text = read_file_(path)) return Found{std::move(path), std::move(*text)};
    }
    return std::nullopt;
}

Result<NamedFiles::Found, Complaint> NamedFiles::read_secret(std::string_view name, Holds holds)
    const {
    if (wish_ == LoadInput::NamedFiles::left_alone && holds == Holds::secret)
        return Found{name, {}};
    auto found = look_for(name);
    if (!found) return Complaint{"names a file that cannot be read"};
    found->text = std::string{trim(found->text)};
    if (found->text.empty()) return Complaint{"names a file that is empty"};
    return std::move(*found);
}

void NamedFiles::resolve(SettingTable& table, std::vector<std::string>& problems) const {
    std::vector<std::string> file_keys;
    for (auto& [key, value] : table) {
        if (key.size() > kFileSuffix.size() && key.ends_with(kFileSuffix)) {
            file_keys.push_back(key);
        } else {
            resolve_in(value, problems);
        }
    }
    for (const std::string& key : file_keys) resolve_one(table, key, problems);
}

void NamedFiles::resolve_in(SettingValue& value, std::vector<std::string>& problems) const {
    if (auto* table = std::get_if<SettingTable>(&value.value)) resolve(*table, problems);
    if (auto* list = std::get_if<SettingList>(&value.value)) {
        for (SettingValue& item : *list) resolve_in(item, problems);
    }
}

void NamedFiles::resolve_one(
    SettingTable& table,
    const std::string& file_key,
    std::vector<std::string>& problems
) const {
    auto taken = table.extract(file_key);
    const auto* name = std::get_if<std::string>(&taken.mapped().value);
    const std::string key = file_key.substr(0, file_key.size() - kFileSuffix.size());
    if (name == nullptr || name->empty()) {
        problems.push_back(sentence(file_key, "must be the name of a file in quotes"));
    } else if (table.contains(key)) {
        problems.push_back(sentence(file_key, "stands beside " + key + "; give only one of them"));
    } else if (wish_ == LoadInput::NamedFiles::left_alone) {
        return;
    } else if (const auto found = find(*name); !found) {
        problems.push_back(sentence(file_key, "names a file that cannot be read"));
    } else if (trim(found->text).empty()) {
        problems.push_back(sentence(file_key, "names a file that is empty"));
    } else {
        table.emplace(key, value_of(key, found->text));
    }
}

}  // namespace postern::config
