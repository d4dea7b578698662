#include "verifiers/samples/sample_tools.hpp"

#include "core/crypto.hpp"
#include "core/numbers.hpp"

namespace postern::verifiers {

std::string first_text_setting(const SettingTable& settings, std::string_view key) {
    const auto found = settings.find(key);
    if (found == settings.end()) return {};
    if (const auto* text = std::get_if<std::string>(&found->second.value)) return *text;
    const auto* list = std::get_if<SettingList>(&found->second.value);
    if (list == nullptr || list->empty()) return {};
    const auto* text = std::get_if<std::string>(&list->front().value);
    return text == nullptr ? std::string{} : *text;
}

SettingValue text_list(std::initializer_list<std::string> texts) {
    SettingList list;
    for (const std::string& text : texts) list.push_back(SettingValue{text});
    return SettingValue{std::move(list)};
}

std::string random_secret(std::string_view prefix) {
    constexpr std::string_view letters =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789AB";
    std::string secret{prefix};
    for (const char byte : random_bytes(32)) {
        secret += letters[static_cast<unsigned char>(byte) % letters.size()];
    }
    return secret;
}

std::string sample_id(std::string_view prefix, const SampleWish& wish) {
    std::string id{prefix};
    id += wish.unique;
    return id;
}

std::string_view wished(const std::optional<std::string>& wish, std::string_view otherwise) {
    return wish ? std::string_view{*wish} : otherwise;
}

std::string payment_id_of(const SampleWish& wish, std::string_view prefix) {
    return wish.gateway_payment_id.value_or(sample_id(prefix, wish));
}

std::string refund_id_of(const SampleWish& wish, std::string_view prefix) {
    return wish.gateway_refund_id.value_or(sample_id(prefix, wish));
}

std::string dispute_id_of(const SampleWish& wish, std::string_view prefix) {
    return wish.gateway_dispute_id.value_or(sample_id(prefix, wish));
}

std::string payout_id_of(const SampleWish& wish, std::string_view prefix) {
    return wish.gateway_payout_id.value_or(sample_id(prefix, wish));
}

std::string_view reference_of(const SampleWish& wish) {
    return wished(wish.merchant_reference, "1001");
}

TimePoint moment_of(const SampleWish& wish) {
    return wish.occurred_at.value_or(wish.now);
}

std::int64_t sample_minor_units(const SampleWish& wish, int exponent) {
    const auto dot = wish.amount.find('.');
    std::string digits = wish.amount.substr(0, dot);
    std::string fraction = dot == std::string::npos ? std::string{} : wish.amount.substr(dot + 1);
    fraction.resize(static_cast<std::size_t>(exponent), '0');
    digits += fraction;
    return parse_integer(digits).value_or(0);
}

}  // namespace postern::verifiers
