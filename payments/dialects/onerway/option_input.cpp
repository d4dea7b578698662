#include "payments/dialects/onerway/option_input.hpp"

#include "core/json_writer.hpp"
#include "core/request_tree.hpp"
#include "payments/dialects/onerway/fields.hpp"

#include <algorithm>
#include <array>
#include <span>
#include <utility>

namespace postern::payments::onerway {
namespace {

using Words = std::span<const std::string_view>;

constexpr std::string_view kName = "payment_method_options";
constexpr std::size_t kCharactersMax = 255;

constexpr std::string_view kCapture[] = {"manual"};
constexpr std::string_view kSecure[] = {"any", "automatic", "challenge"};
constexpr std::string_view kUsages[] = {"none", "off_session", "on_session"};
constexpr std::string_view kNoUsage[] = {"none"};
constexpr std::string_view kNetworks[] = {
    "amex",
    "cartes_bancaires",
    "diners",
    "discover",
    "eftpos_au",
    "girocard",
    "interac",
    "jcb",
    "link",
    "mastercard",
    "unionpay",
    "unknown",
    "visa"};
constexpr std::string_view kVerifications[] = {"automatic", "instant", "microdeposits"};
constexpr std::string_view kClients[] = {"android", "ios", "web"};
constexpr std::string_view kFunding[] = {"bank_transfer"};
constexpr std::string_view kTransfers[] = {
    "eu_bank_transfer",
    "gb_bank_transfer",
    "jp_bank_transfer",
    "mx_bank_transfer",
    "us_bank_transfer"};
constexpr std::string_view kCountries[] = {"BE", "DE", "ES", "FR", "IE", "NL"};

struct Option {
    std::string_view name;  // within payment_method_options
    Words words;            // none: any short text
};

constexpr Option kOptions[] = {
    {"[alipay][setup_future_usage]", kNoUsage},
    {"[card][capture_method]", kCapture},
    {"[card][network]", kNetworks},
    {"[card][request_three_d_secure]", kSecure},
    {"[card][setup_future_usage]", kUsages},
    {"[customer_balance][bank_transfer][eu_bank_transfer][country]", kCountries},
    {"[customer_balance][bank_transfer][type]", kTransfers},
    {"[customer_balance][funding_type]", kFunding},
    {"[customer_balance][setup_future_usage]", kNoUsage},
    {"[us_bank_account][setup_future_usage]", kUsages},
    {"[us_bank_account][verification_method]", kVerifications},
    {"[wechat_pay][app_id]", {}},
    {"[wechat_pay][client]", kClients},
    {"[wechat_pay][setup_future_usage]", kNoUsage},
};

// What every card shows where a merchant said nothing.
constexpr std::array<std::pair<std::string_view, std::string_view>, 4> kCardOptions = {
    std::pair{"installments", "null"},
    std::pair{"mandate_options", "null"},
    std::pair{"network", "null"},
    std::pair{"request_three_d_secure", "\"automatic\""}};

const Option* find_option(std::string_view name) {
    const auto same = [name](const Option& option) {
        return option.name == name;
    };
    const auto found = std::find_if(std::begin(kOptions), std::end(kOptions), same);
    return found == std::end(kOptions) ? nullptr : found;
}

bool is_table(std::string_view name) {
    return std::any_of(std::begin(kOptions), std::end(kOptions), [name](const Option& option) {
        return option.name.starts_with(name) && option.name[name.size()] == '[';
    });
}

// Copies what is known, and complains of the first that is not.
class OptionCopy {
 public:
    OptionCopy(Parameters& parameters, JsonWriter& writer)
        : parameters_{parameters}, writer_{writer} {}

    void copy(const RequestNode& given);

 private:
    void copy_members(const RequestNode& table, const std::string& path);
    void copy_card(const RequestNode* given);
    void copy_table(const RequestNode& table, const std::string& path);
    void copy_leaf(const Option& option, const RequestMember& leaf);
    void complain_of_unknown(const std::string& path);

    Parameters& parameters_;
    JsonWriter& writer_;
};

void OptionCopy::copy(const RequestNode& given) {
    writer_.begin_object();
    writer_.key("card");
    copy_card(given.find("card"));
    RequestNode others = given;
    std::erase_if(others.members, [](const RequestMember& member) {
        return member.name == "card";
    });
    copy_members(others, {});
    writer_.end_object();
}

void OptionCopy::copy_card(const RequestNode* given) {
    writer_.begin_object();
    for (const auto& [name, otherwise] : kCardOptions) {
        const RequestNode* said = given == nullptr ? nullptr : given->find(name);
        if (said != nullptr && !said->text.empty()) continue;
        writer_.key(name);
        writer_.raw(otherwise);
    }
    if (given != nullptr) copy_table(*given, "[card]");
    writer_.end_object();
}

// Sent without a text, a table says nothing.
void OptionCopy::copy_table(const RequestNode& table, const std::string& path) {
    if (!table.text.empty()) {
        return parameters_.complain(
            {.message = "Invalid object", .parameter = std::string{kName} + path}
        );
    }
    copy_members(table, path);
}

void OptionCopy::copy_members(const RequestNode& table, const std::string& path) {
    for (const RequestMember& member : table.members) {
        const std::string inner = bracketed(path, member);
        if (const Option* option = find_option(inner)) {
            copy_leaf(*option, member);
        } else if (is_table(inner)) {
            writer_.key(member.name);
            writer_.begin_object();
            copy_table(member.node, inner);
            writer_.end_object();
        } else {
            complain_of_unknown(inner);
        }
    }
}

void OptionCopy::copy_leaf(const Option& option, const RequestMember& leaf) {
    const std::string name = std::string{kName} + std::string{option.name};
    const bool said = parameters_.text(name).value_or("") != "";
    if (!said) return;
    const auto value = option.words.empty() ? read_text(parameters_, name, kCharactersMax)
                                            : parameters_.word(name, option.words);
    if (value) writer_.member(leaf.name, *value);
}

void OptionCopy::complain_of_unknown(const std::string& path) {
    std::string name{kName};
    name += path;
    parameters_.complain(
        {.code = "parameter_unknown",
         .message = "Received unknown parameter: " + name,
         .parameter = name}
    );
}

}  // namespace

std::optional<std::string> read_method_options(Parameters& parameters) {
    const RequestNode* given = parameters.table(kName);
    if (given == nullptr) return std::nullopt;
    if (!given->text.empty()) {
        parameters.complain({.message = "Invalid object", .parameter = std::string{kName}});
    }
    if (given->members.empty()) return std::string{};
    std::string json;
    JsonWriter writer{json};
    OptionCopy{parameters, writer}.copy(*given);
    return json;
}

}  // namespace postern::payments::onerway
