#include "payments/gateways/sandbox/sandbox_methods.hpp"

#include <array>

namespace postern::payments {
namespace {

using Supports = MethodDescription::Supports;

// Codes of three letters with one space between them.
template <std::size_t Count>
constexpr std::array<std::string_view, Count> codes_of(std::string_view text) {
    std::array<std::string_view, Count> codes{};
    for (std::size_t i = 0; i < Count; ++i) codes[i] = text.substr(4 * i, 3);
    return codes;
}
constexpr std::size_t count_of(std::string_view text) {
    return (text.size() + 1) / 4;
}

constexpr std::string_view kStripeText =
    "USD EUR GBP AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BHD BIF BMD BND BOB BRL "
    "BSD BWP BYN BZD CAD CDF CHF CLP CNY COP CRC CVE CZK DJF DKK DOP DZD EGP ETB FJD FKP GEL GIP "
    "GMD GNF GTQ GYD HKD HNL HTG HUF IDR ILS INR ISK JMD JOD JPY KES KGS KHR KMF KRW KWD KYD KZT "
    "LAK LBP LKR LRD LSL MAD MDL MGA MKD MMK MNT MOP MUR MVR MWK MXN MYR MZN NAD NGN NIO NOK NPR "
    "NZD OMR PAB PEN PGK PHP PKR PLN PYG QAR RON RSD RUB RWF SAR SBD SCR SEK SGD SHP SOS SRD STN "
    "SZL THB TJS TND TOP TRY TTD TWD TZS UAH UGX UYU UZS VND VUV WST XAF XCD XOF XPF YER ZAR ZMW";
constexpr std::string_view kAirwallexText =
    "USD EUR GBP AED AUD BHD BRL CAD CHF CLP CNY COP CZK DKK HKD HUF IDR ILS INR JPY KRW KWD MXN "
    "MYR NOK NZD OMR PHP PLN QAR RON SAR SEK SGD THB TRY TWD UAH VND ZAR";
constexpr std::string_view kOnerwayText =
    "USD EUR GBP AED AUD BRL CAD CHF CLP CNY CZK DKK HKD HUF IDR INR JPY KRW MXN MYR NOK NZD PHP "
    "PLN SAR SEK SGD THB TRY TWD VND ZAR";
constexpr std::string_view kWechatpayText =
    "CNY AUD CAD CHF DKK EUR GBP HKD JPY KRW NOK NZD SEK SGD THB USD";

constexpr auto kStripeCurrencies = codes_of<count_of(kStripeText)>(kStripeText);
constexpr auto kAirwallexCurrencies = codes_of<count_of(kAirwallexText)>(kAirwallexText);
constexpr auto kOnerwayCurrencies = codes_of<count_of(kOnerwayText)>(kOnerwayText);
constexpr auto kWechatpayCurrencies = codes_of<count_of(kWechatpayText)>(kWechatpayText);
// In China; its notices name no currency.
constexpr std::array<std::string_view, 1> kAlipayCurrencies = {"CNY"};
constexpr std::array<std::string_view, 1> kBankCurrencies = {"USD"};

constexpr std::array kCardFields = {
    FieldDescription{
        .name = "number",
        .field_type = "card_number",
        .pattern = R"(^[\d\s]{13,19}$)",
        .placeholder = "1234 5678 9012 3456"},
    FieldDescription{
        .name = "exp_month",
        .field_type = "expiry_date",
        .pattern = "^(0[1-9]|1[0-2])$",
        .placeholder = "MM"},
    FieldDescription{
        .name = "exp_year",
        .field_type = "expiry_date",
        .pattern = "^20[2-9][0-9]$",
        .placeholder = "YYYY"},
    FieldDescription{
        .name = "cvc",
        .field_type = "cvc",
        .pattern = R"(^\d{3,4}$)",
        .placeholder = "123"},
};

constexpr std::array kBankFields = {
    FieldDescription{
        .name = "account_number",
        .field_type = "account_number",
        .pattern = R"(^\d{4,17}$)",
        .placeholder = "000123456789"},
    FieldDescription{
        .name = "routing_number",
        .field_type = "routing_number",
        .pattern = R"(^\d{9}$)",
        .placeholder = "110000000"},
    FieldDescription{
        .name = "account_holder_name",
        .field_type = "text",
        .pattern = "^.{1,100}$",
        .placeholder = "John Doe"},
    FieldDescription{
        .name = "bank_name",
        .field_type = "text",
        .pattern = "^.{0,100}$",
        .placeholder = "Test Bank",
        .needed = FieldDescription::Needed::optional},
};

constexpr MethodDescription cards_in(std::span<const std::string_view> currencies) {
    return {
        .type = MethodType::card,
        .name = "card",
        .redirect = MethodDescription::Redirect::no,
        .three_d_secure = Supports::yes,
        .tokenization = Supports::yes,
        .recurring = Supports::yes,
        .fields = kCardFields,
        .currencies = currencies};
}

constexpr MethodDescription kBankTransfer = {
    .type = MethodType::us_bank_account,
    .name = "bank_transfer",
    .redirect = MethodDescription::Redirect::no,
    .three_d_secure = Supports::no,
    .tokenization = Supports::yes,
    .recurring = Supports::yes,
    .fields = kBankFields,
    .currencies = kBankCurrencies};

constexpr std::array kStripeMethods = {cards_in(kStripeCurrencies), kBankTransfer};
constexpr std::array kAirwallexMethods = {cards_in(kAirwallexCurrencies), kBankTransfer};
constexpr std::array kOnerwayMethods = {cards_in(kOnerwayCurrencies)};
// A QR code is shown on the shop's own page; nobody is sent away.
constexpr std::array kWechatpayMethods = {MethodDescription{
    .type = MethodType::wechat_pay,
    .name = "wechat_pay",
    .redirect = MethodDescription::Redirect::no,
    .currencies = kWechatpayCurrencies}};
constexpr std::array kAlipayMethods = {MethodDescription{
    .type = MethodType::alipay,
    .name = "alipay",
    .redirect = MethodDescription::Redirect::yes,
    .currencies = kAlipayCurrencies}};

}  // namespace

std::span<const MethodDescription> sandbox_methods(SandboxKind kind) {
    switch (kind) {
        case SandboxKind::stripe: return kStripeMethods;
        case SandboxKind::airwallex: return kAirwallexMethods;
        case SandboxKind::wechatpay: return kWechatpayMethods;
        case SandboxKind::alipay: return kAlipayMethods;
        case SandboxKind::onerway: return kOnerwayMethods;
    }
    return {};
}

}  // namespace postern::payments
