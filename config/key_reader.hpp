#pragma once

#include "config/keys.hpp"
#include "config/named_files.hpp"
#include "core/settings.hpp"

#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace postern::config {

// The visitor that fills a Config: each key from the file, then from the environment.
class KeyReader final : public KeyVisitor {
 public:
    KeyReader(const SettingTable& file, const LoadInput& input);

    void begin_section(std::string_view name) override;
    void text(std::string_view key, std::string& value, TextProblem problem) override;
    void texts(std::string_view key, std::vector<std::string>& values, TextProblem problem)
        override;
    void flag(std::string_view key, bool& value) override;
    void integer(std::string_view key, std::int64_t& value, Range range) override;
    void choice(std::string_view key, std::size_t& value, std::span<const std::string_view> names)
        override;
    void secret(std::string_view key, std::string& value, TextProblem problem) override;
    void file(std::string_view key, std::filesystem::path& value) override;

    std::vector<SettingTable> take_gateways();

    std::vector<std::string> finish();

 private:
    struct Section {
        SettingTable table;
        std::unique_ptr<SettingsReader> reader;
    };
    struct Variable {
        std::string name;
        std::string value;
    };

    SettingsReader& section() { return *sections_.back()->reader; }
    std::optional<Variable> variable(std::string_view key);
    struct SecretKeys {
        std::string_view secret;
        std::string_view file;
        NamedFiles::Holds holds;
    };
    void read_secret(
        SettingsReader& reader,
        SecretKeys keys,
        std::string& value,
        TextProblem problem
    ) const;
    void read_file(SettingsReader& reader, std::string_view key, std::filesystem::path& value)
        const;
    template <class Read>
    void read_variable(std::string_view name, SettingValue value, Read read);

    const NamedFiles files_;
    const std::string file_name_;
    SettingTable variables_;
    SettingsReader environment_;
    std::vector<std::string> problems_;  // with single variables
    std::string section_name_;
    std::vector<std::unique_ptr<Section>> sections_;  // the first is the top of the file
};

}  // namespace postern::config
