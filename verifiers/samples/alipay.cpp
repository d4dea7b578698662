#include "verifiers/alipay.hpp"

#include "core/bytes.hpp"
#include "core/crypto.hpp"
#include "core/json_writer.hpp"
#include "core/money.hpp"
#include "verifiers/samples/sample_tools.hpp"

namespace postern::verifiers {
namespace {

constexpr std::string_view kPrivateKeySetting = "sandbox_private_key";
constexpr std::chrono::hours kBeijingOffset{8};

// "2025-06-16 01:59:59" in Beijing.
std::string beijing_time(TimePoint at) {
    std::string text = to_iso8601(at + kBeijingOffset);
    text[text.find('T')] = ' ';
    text.resize(text.find('.'));
    return text;
}

// Alipay in China knows one currency.
std::string amount_of(const SampleWish& wish) {
    return decimal_amount(wish.amount, "CNY").value_or("0.01");
}

std::string_view trade_status(EventType type) {
    switch (type) {
        case EventType::payment_created: return "WAIT_BUYER_PAY";
        case EventType::payment_canceled: return "TRADE_CLOSED";
        case EventType::payment_succeeded:
        case EventType::refund_succeeded: return "TRADE_SUCCESS";
        case EventType::payment_failed:
        case EventType::payment_captured:
        case EventType::payment_requires_action:
        case EventType::payment_action_completed:
        case EventType::refund_created:
        case EventType::refund_failed:
        case EventType::dispute_created:
        case EventType::dispute_updated:
        case EventType::dispute_closed:
        case EventType::payout_created:
        case EventType::payout_paid:
        case EventType::payout_failed: return {};
    }
    return {};
}

AlipayParameters trade_parameters(const SampleWish& wish) {
    const std::string time = beijing_time(moment_of(wish));
    AlipayParameters parameters = {
        {"notify_type", "trade_status_sync"},
        {"notify_time", time},
        {"gmt_create", time},
        {"version", "1.0"},
        {"trade_status", std::string{trade_status(wish.type)}},
        {"trade_no", payment_id_of(wish, "2026")},
        {"out_trade_no", std::string{reference_of(wish)}},
        {"subject", "Order 1001 & more"},
        {"total_amount", amount_of(wish)},
        {"body", ""},
    };
    if (wish.type == EventType::payment_succeeded) parameters.emplace_back("gmt_payment", time);
    if (wish.type == EventType::refund_succeeded) {
        parameters.emplace_back("gmt_refund", time);
        parameters.emplace_back("refund_fee", amount_of(wish));
        parameters.emplace_back("out_biz_no", refund_id_of(wish, "RFD"));
    }
    return parameters;
}

std::string refund_content(const SampleWish& wish) {
    std::string content;
    JsonWriter writer{content};
    writer.begin_object();
    writer.member("trade_no", payment_id_of(wish, "2026"));
    writer.member("out_trade_no", reference_of(wish));
    writer.member("out_request_no", refund_id_of(wish, "RFD"));
    writer.member("dback_status", "F");
    writer.member("dback_amount", amount_of(wish));
    writer.end_object();
    return content;
}

std::string transfer_content(const SampleWish& wish) {
    const bool paid = wish.type == EventType::payout_paid;
    std::string content;
    JsonWriter writer{content};
    writer.begin_object();
    const std::string made_up = sample_id("TRF", wish);
    writer.member("order_id", payout_id_of(wish, "2026"));
    writer.member("out_biz_no", wished(wish.merchant_reference, made_up));
    writer.member("status", paid ? "SUCCESS" : "FAIL");
    writer.member("trans_amount", amount_of(wish));
    if (!paid) writer.member("error_code", wished(wish.reason, "PAYEE_CARD_INFO_ERROR"));
    writer.end_object();
    return content;
}

AlipayParameters message_parameters(const SampleWish& wish) {
    const bool refund = wish.type == EventType::refund_failed;
    return {
        {"msg_method",
         refund ? "alipay.trade.refund.depositback.completed" : "alipay.fund.trans.order.changed"},
        {"utc_timestamp", std::to_string(unix_milliseconds(moment_of(wish)))},
        {"version", "1.1"},
        {"biz_content", refund ? refund_content(wish) : transfer_content(wish)},
    };
}

std::optional<AlipayParameters> parameters_of(const SampleWish& wish) {
    if (!trade_status(wish.type).empty()) return trade_parameters(wish);
    const bool message = wish.type == EventType::refund_failed
                         || wish.type == EventType::payout_paid
                         || wish.type == EventType::payout_failed;
    if (message) return message_parameters(wish);
    return std::nullopt;
}

std::string to_form(const AlipayParameters& parameters) {
    std::string form;
    for (const auto& [name, value] : parameters) {
        if (!form.empty()) form += '&';
        form += name;
        form += '=';
        form += encode_percent(value);
    }
    return form;
}

}  // namespace

std::optional<SampleWebhook> sample_alipay(const SettingTable& settings, const SampleWish& wish) {
    auto parameters = parameters_of(wish);
    const auto key = PrivateKey::parse(first_text_setting(settings, kPrivateKeySetting));
    if (!parameters || !key) return std::nullopt;
    parameters->emplace_back("notify_id", sample_id("", wish));
    parameters->emplace_back("app_id", first_text_setting(settings, "app_id"));
    parameters->emplace_back("charset", "utf-8");
    parameters->emplace_back("sign_type", "RSA2");
    const std::string text = alipay_signed_text(*parameters, AlipaySignType::left_out);
    parameters->emplace_back("sign", to_base64(key->sign(HashAlgorithm::sha256, {text})));
    SampleWebhook webhook;
    webhook.body = to_form(*parameters);
    webhook.headers = {
        {"Content-Type", "application/x-www-form-urlencoded; charset=utf-8"},
        {"User-Agent", "Mozilla/4.0"},
    };
    return webhook;
}

SettingTable sandbox_settings_alipay() {
    const PrivateKey key = PrivateKey::generate_rsa_2048();
    return {
        {"app_id", {std::string{"9021000122671234"}}},
        {"alipay_public_keys", text_list({key.public_key_pem()})},
        {std::string{kPrivateKeySetting}, {key.to_pem()}},
    };
}

}  // namespace postern::verifiers
