#include "config/redacted.hpp"

#include "config/keys.hpp"
#include "core/json_writer.hpp"

#include <algorithm>
#include <array>

namespace postern::config {
namespace {

// Names, ids and rules of the providers that are neither keys nor could be taken for one.
constexpr std::array<std::string_view, 34> kHarmlessKeys = {
    "algorithm",
    "allowed_cert_hosts",
    "amount",
    "amount_unit",
    "app_id",
    "appid",
    "cert_cn_suffix",
    "currency",
    "dispute_id",
    "encoding",
    "event",
    "id",
    "mchid",
    "merchant_accounts",
    "merchant_id",
    "merchant_no",
    "mode",
    "notification_url",
    "outcome",
    "payment_id",
    "payout_id",
    "prefix",
    "reason",
    "refund_id",
    "secret_encoding",
    "seller_id",
    "serial",
    "sign_type",
    "signature_format",
    "signature_header",
    "signed_payload",
    "timestamp_header",
    "timestamp_unit",
    "type"};

bool is_bare_key(std::string_view key) {
    return !key.empty() && std::all_of(key.begin(), key.end(), [](char c) {
        return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z')
               || c == '_' || c == '-';
    });
}

// TOML's basic strings know every escape that JSON's have.
void append_text(std::string& out, std::string_view text) {
    append_json_string(out, text);
}

void append_key(std::string& out, std::string_view key) {
    if (is_bare_key(key)) {
        out += key;
    } else {
        append_text(out, key);
    }
    out += " = ";
}

enum class Secrecy { open, secret };

void append_value(std::string& out, const SettingValue& value, Secrecy secrecy);

void append_table(std::string& out, const SettingTable& table) {
    out += '{';
    std::string_view separator;
    for (const auto& [key, value] : table) {
        out += separator;
        separator = ", ";
        append_key(out, key);
        append_value(out, value, may_be_secret(key) ? Secrecy::secret : Secrecy::open);
    }
    out += '}';
}

void append_list(std::string& out, const SettingList& list, Secrecy secrecy) {
    out += '[';
    std::string_view separator;
    for (const SettingValue& item : list) {
        out += separator;
        separator = ", ";
        append_value(out, item, secrecy);
    }
    out += ']';
}

// Numbers and switches are no secrets, and tables decide key by key.
void append_value(std::string& out, const SettingValue& value, Secrecy secrecy) {
    if (const auto* flag = std::get_if<bool>(&value.value)) out += *flag ? "true" : "false";
    if (const auto* number = std::get_if<std::int64_t>(&value.value)) {
        out += std::to_string(*number);
    }
    if (const auto* number = std::get_if<double>(&value.value)) out += std::to_string(*number);
    if (const auto* text = std::get_if<std::string>(&value.value)) {
        append_text(out, secrecy == Secrecy::secret ? kRedacted : std::string_view{*text});
    }
    if (const auto* list = std::get_if<SettingList>(&value.value)) append_list(out, *list, secrecy);
    if (const auto* table = std::get_if<SettingTable>(&value.value)) append_table(out, *table);
}

class TomlWriter final : public KeyVisitor {
 public:
    explicit TomlWriter(std::string& out) : out_{out} {}

    void begin_section(std::string_view name) override {
        if (name.empty()) return;
        out_ += "\n[";
        out_ += name;
        out_ += "]\n";
    }
    void text(std::string_view key, std::string& value, TextProblem) override {
        line(key, SettingValue{value}, Secrecy::open);
    }
    void texts(std::string_view key, std::vector<std::string>& values, TextProblem) override {
        SettingList list;
        for (const std::string& value : values) list.push_back(SettingValue{value});
        line(key, SettingValue{std::move(list)}, Secrecy::open);
    }
    void flag(std::string_view key, bool& value) override {
        line(key, SettingValue{value}, Secrecy::open);
    }
    void integer(std::string_view key, std::int64_t& value, Range) override {
        line(key, SettingValue{value}, Secrecy::open);
    }
    void choice(std::string_view key, std::size_t& value, std::span<const std::string_view> names)
        override {
        line(key, SettingValue{std::string{names[value]}}, Secrecy::open);
    }
    void secret(std::string_view key, std::string& value, TextProblem) override {
        // A file's place is none, though it stands where a server's password may.
        const bool is_open = value.empty() || value.starts_with("sqlite:");
        line(key, SettingValue{value}, is_open ? Secrecy::open : Secrecy::secret);
    }
    void file(std::string_view key, std::filesystem::path& value) override {
        line(key, SettingValue{value.string()}, Secrecy::open);
    }

 private:
    void line(std::string_view key, const SettingValue& value, Secrecy secrecy) {
        append_key(out_, key);
        append_value(out_, value, secrecy);
        out_ += '\n';
    }

    std::string& out_;
};

void append_gateway(std::string& out, const Gateway& gateway) {
    SettingTable table{
        {"enabled", {gateway.enabled}}, {"id", {gateway.id}}, {"kind", {gateway.kind}}};
    if (!gateway.account.empty()) table.insert_or_assign("account", SettingValue{gateway.account});
    if (gateway.settings.contains("mode")) {
        table.insert_or_assign("livemode", SettingValue{gateway.mode == Mode::live});
    } else {
        table.insert_or_assign("mode", SettingValue{std::string{to_text(gateway.mode)}});
    }
    out += "\n[[gateway]]\n";
    for (const auto& [key, value] : table) {
        append_key(out, key);
        append_value(out, value, Secrecy::open);
        out += '\n';
    }
    for (const auto& [key, value] : gateway.settings) {
        append_key(out, key);
        append_value(out, value, may_be_secret(key) ? Secrecy::secret : Secrecy::open);
        out += '\n';
    }
}

}  // namespace

bool may_be_secret(std::string_view gateway_key) {
    return std::find(kHarmlessKeys.begin(), kHarmlessKeys.end(), gateway_key)
           == kHarmlessKeys.end();
}

std::string to_redacted_toml(const Config& config) {
    std::string text;
    TomlWriter writer{text};
    Config copy = config;  // the visitor takes values back, this one as they were
    visit_keys(copy, writer);
    for (const Gateway& gateway : config.gateways) append_gateway(text, gateway);
    return text;
}

}  // namespace postern::config
