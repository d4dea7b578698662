#include "config/key_reader.hpp"

#include "core/assert.hpp"
#include "core/crypto.hpp"
#include "core/numbers.hpp"

#include <algorithm>

namespace postern::config {
namespace {

constexpr std::string_view kVariablePrefix = "POSTERN_";
constexpr std::string_view kEnvironment = "environment";
// Read before there is a file, and by the commands that talk to a daemon.
constexpr std::string_view kForeignVariables[] = {
    "POSTERN_CONFIG",
    "POSTERN_URL",
    "POSTERN_API_KEY",
    "POSTERN_ADMIN_URL"};

std::string variable_name(std::string_view section, std::string_view key) {
    std::string name{kVariablePrefix};
    name += section;
    if (!section.empty()) name += '_';
    name += key;
    std::transform(name.begin(), name.end(), name.begin(), [](char c) {
        return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
    });
    return name;
}

std::string file_key_of(std::string_view key) {
    std::string name{key};
    name += "_file";
    return name;
}

SettingTable postern_variables(const Environment& environment) {
    SettingTable table;
    for (const auto& [name, value] : environment) {
        if (name.starts_with(kVariablePrefix)) table.emplace(name, SettingValue{value});
    }
    return table;
}

SettingValue split_at_commas(std::string_view text) {
    SettingList list;
    while (!text.empty()) {
        const auto comma = text.find(',');
        list.push_back(SettingValue{std::string{text.substr(0, comma)}});
        text.remove_prefix(comma == std::string_view::npos ? text.size() : comma + 1);
    }
    return SettingValue{std::move(list)};
}

// How one key is read from either layer. What is absent or wrong leaves the value as it is.

void read_text(
    SettingsReader& reader,
    std::string_view key,
    std::string& value,
    TextProblem problem
) {
    if (!reader.has(key)) {
        reader.text(key, {});  // makes the key known
        return;
    }
    std::string given = reader.text(key, value);
    if (const auto wrong = problem(given)) return reader.complain(key, *wrong);
    value = std::move(given);
}

void read_texts(
    SettingsReader& reader,
    std::string_view key,
    std::vector<std::string>& values,
    TextProblem problem
) {
    const bool given = reader.has(key);
    std::vector<std::string> texts = reader.texts(key);
    if (!given) return;
    for (const std::string& text : texts) {
        if (const auto wrong = problem(text)) return reader.complain(key, *wrong);
    }
    values = std::move(texts);
}

void read_flag(SettingsReader& reader, std::string_view key, bool& value) {
    value = reader.flag(key, value ? SettingsReader::Switch::on : SettingsReader::Switch::off);
}

void read_integer(SettingsReader& reader, std::string_view key, std::int64_t& value, Range range) {
    value = reader.integer(key, {value, range.min, range.max});
}

void read_choice(
    SettingsReader& reader,
    std::string_view key,
    std::size_t& value,
    std::span<const std::string_view> names
) {
    const std::string chosen = reader.one_of(key, {names.begin(), names.end()}, names[value]);
    const auto found = std::find(names.begin(), names.end(), chosen);
    POSTERN_ASSERT(found != names.end());
    value = static_cast<std::size_t>(found - names.begin());
}

}  // namespace

KeyReader::KeyReader(const SettingTable& file, const LoadInput& input)
    : files_{input},
      file_name_{input.path.empty() ? "configuration" : input.path.string()},
      variables_{postern_variables(input.environment)},
      environment_{variables_, std::string{kEnvironment}} {
    for (const std::string_view name : kForeignVariables) environment_.text(name, {});
    auto top = std::make_unique<Section>();
    top->table = file;
    top->reader = std::make_unique<SettingsReader>(top->table, file_name_);
    sections_.push_back(std::move(top));
}

void KeyReader::begin_section(std::string_view name) {
    section_name_ = name;
    if (name.empty()) return;
    auto opened = std::make_unique<Section>();
    if (auto table = sections_.front()->reader->table(name)) opened->table = std::move(*table);
    std::string where = file_name_;
    where += " [";
    where += name;
    where += ']';
    opened->reader = std::make_unique<SettingsReader>(opened->table, std::move(where));
    sections_.push_back(std::move(opened));
}

// An empty variable is an unset one: container tools cannot leave a variable out. The API's keys
// are also known by the name without the table's.
std::optional<KeyReader::Variable> KeyReader::variable(std::string_view key) {
    std::vector<std::string> names = {variable_name(section_name_, key)};
    if (section_name_ == "api") names.push_back(variable_name({}, key));
    std::optional<Variable> found;
    for (const std::string& name : names) {
        std::string value = environment_.text(name, {});
        if (!value.empty()) found = Variable{name, std::move(value)};
    }
    return found;
}

template <class Read>
void KeyReader::read_variable(std::string_view name, SettingValue value, Read read) {
    const SettingTable table{{std::string{name}, std::move(value)}};
    SettingsReader reader{table, std::string{kEnvironment}};
    read(reader, name);
    for (std::string& problem : reader.finish()) problems_.push_back(std::move(problem));
}

void KeyReader::text(std::string_view key, std::string& value, TextProblem problem) {
    read_text(section(), key, value, problem);
    const auto found = variable(key);
    if (!found) return;
    read_variable(
        found->name,
        SettingValue{found->value},
        [&value, problem](SettingsReader& reader, std::string_view name) {
            read_text(reader, name, value, problem);
        }
    );
}

void KeyReader::texts(std::string_view key, std::vector<std::string>& values, TextProblem problem) {
    read_texts(section(), key, values, problem);
    const auto found = variable(key);
    if (!found) return;
    read_variable(
        found->name,
        split_at_commas(found->value),
        [&values, problem](SettingsReader& reader, std::string_view name) {
            read_texts(reader, name, values, problem);
        }
    );
}

void KeyReader::flag(std::string_view key, bool& value) {
    read_flag(section(), key, value);
    const auto found = variable(key);
    if (!found) return;
    SettingValue given{found->value};
    if (found->value == "true" || found->value == "false") given.value = found->value == "true";
    read_variable(
        found->name,
        std::move(given),
        [&value](SettingsReader& reader, std::string_view name) { read_flag(reader, name, value); }
    );
}

void KeyReader::integer(std::string_view key, std::int64_t& value, Range range) {
    read_integer(section(), key, value, range);
    const auto found = variable(key);
    if (!found) return;
    const auto number = parse_integer(found->value);
    read_variable(
        found->name,
        number ? SettingValue{*number} : SettingValue{found->value},
        [&value, range](SettingsReader& reader, std::string_view name) {
            read_integer(reader, name, value, range);
        }
    );
}

void KeyReader::choice(
    std::string_view key,
    std::size_t& value,
    std::span<const std::string_view> names
) {
    read_choice(section(), key, value, names);
    const auto found = variable(key);
    if (!found) return;
    read_variable(
        found->name,
        SettingValue{found->value},
        [&value, names](SettingsReader& reader, std::string_view name) {
            read_choice(reader, name, value, names);
        }
    );
}

void KeyReader::secret(std::string_view key, std::string& value, TextProblem problem) {
    const std::string file_key = file_key_of(key);
    const auto holds = key == "url" ? NamedFiles::Holds::place : NamedFiles::Holds::secret;
    read_secret(section(), {key, file_key, holds}, value, problem);
    const auto found = variable(key);
    const auto found_file = variable(file_key);
    SettingTable table;
    if (found) table.emplace(found->name, SettingValue{found->value});
    if (found_file) table.emplace(found_file->name, SettingValue{found_file->value});
    if (table.empty()) return;
    SettingsReader reader{table, std::string{kEnvironment}};
    const std::string name = found ? found->name : variable_name(section_name_, key);
    const std::string file_name = found_file ? found_file->name : file_key_of(name);
    read_secret(reader, {name, file_name, holds}, value, problem);
    for (std::string& wrong : reader.finish()) problems_.push_back(std::move(wrong));
}

void KeyReader::read_secret(
    SettingsReader& reader,
    SecretKeys keys,
    std::string& value,
    TextProblem problem
) const {
    std::string given = reader.text(keys.secret, {});
    const std::string file = reader.text(keys.file, {});
    if (!given.empty() && !file.empty()) {
        return reader.complain(keys.file, "stands beside the secret itself; give only one of them");
    }
    if (!file.empty()) {
        auto read = files_.read_secret(file, keys.holds);
        if (!read) return reader.complain(keys.file, read.error().message);
        given = std::move(read->text);
    }
    if (const auto wrong = problem(given)) return reader.complain(keys.secret, *wrong);
    if (!given.empty()) value = std::move(given);
}

void KeyReader::read_file(
    SettingsReader& reader,
    std::string_view key,
    std::filesystem::path& value
) const {
    const std::string name = reader.text(key, {});
    if (name.empty()) return;
    if (auto found = files_.find(name)) {
        wipe(found->text);
        value = std::move(found->path);
        return;
    }
    reader.complain(key, "names a file that cannot be read");
}

void KeyReader::file(std::string_view key, std::filesystem::path& value) {
    read_file(section(), key, value);
    const auto found = variable(key);
    if (!found) return;
    read_variable(
        found->name,
        SettingValue{found->value},
        [this, &value](SettingsReader& reader, std::string_view name) {
            read_file(reader, name, value);
        }
    );
}

std::vector<SettingTable> KeyReader::take_gateways() {
    return sections_.front()->reader->tables("gateway");
}

std::vector<std::string> KeyReader::finish() {
    std::vector<std::string> all;
    for (const auto& section : sections_) {
        for (std::string& problem : section->reader->finish()) all.push_back(std::move(problem));
    }
    for (std::string& problem : problems_) all.push_back(std::move(problem));
    for (std::string& problem : environment_.finish()) all.push_back(std::move(problem));
    return all;
}

}  // namespace postern::config
