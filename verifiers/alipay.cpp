#include "verifiers/alipay.hpp"

#include "core/bytes.hpp"
#include "core/crypto.hpp"
#include "core/json_document.hpp"
#include "core/time.hpp"
#include "verifiers/complaints.hpp"
#include "verifiers/event_fields.hpp"
#include "verifiers/event_ids.hpp"
#include "verifiers/event_times.hpp"

#include <algorithm>

namespace postern::verifiers {
namespace {

constexpr std::string_view kBeijing = "+08:00";
constexpr std::string_view kDepositBack = "alipay.trade.refund.depositback.completed";
constexpr std::string_view kTransferChanged = "alipay.fund.trans.order.changed";

// A form without "=" in every part is no form, and of two equal names no reader knows which one
// counts: both are refused, as is a broken escape.
std::optional<AlipayParameters> parse_parameters(std::string_view body) {
    for (std::string_view rest = body; !rest.empty();) {
        const auto end = rest.find('&');
        const std::string_view part = rest.substr(0, end);
        rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 1);
        if (!part.empty() && part.find('=') == std::string_view::npos) return std::nullopt;
    }
    auto parameters = parse_form(body);
    if (!parameters || parameters->empty()) return std::nullopt;
    std::sort(parameters->begin(), parameters->end());
    const auto twice = std::adjacent_find(
        parameters->begin(),
        parameters->end(),
        [](const auto& a, const auto& b) { return a.first == b.first; }
    );
    if (twice != parameters->end()) return std::nullopt;
    return parameters;
}

// The notice's parameters by name; an absent one is empty.
class Notice {
 public:
    explicit Notice(const AlipayParameters& parameters) : parameters_{parameters} {}

    std::string_view operator[](std::string_view name) const {
        for (const auto& [key, value] : parameters_) {
            if (key == name) return value;
        }
        return {};
    }

 private:
    const AlipayParameters& parameters_;
};

std::string beijing_time(std::string_view text) {
    return event_time({.text = text, .zone = kBeijing});
}

std::optional<EventType> trade_type(const Notice& notice) {
    // Any status with a refund time speaks of the refund: a full one closes the trade, a partial
    // one leaves it successful.
    if (!notice["gmt_refund"].empty()) return EventType::refund_succeeded;
    const std::string_view status = notice["trade_status"];
    if (status == "TRADE_SUCCESS" || status == "TRADE_FINISHED") {
        return EventType::payment_succeeded;
    }
    if (status == "WAIT_BUYER_PAY") return EventType::payment_created;
    if (status == "TRADE_CLOSED") return EventType::payment_canceled;
    return std::nullopt;
}

std::string_view trade_time(const Notice& notice, EventType type) {
    std::string_view time;
    if (type == EventType::refund_succeeded) time = notice["gmt_refund"];
    if (type == EventType::payment_succeeded) time = notice["gmt_payment"];
    if (type == EventType::payment_created) time = notice["gmt_create"];
    if (type == EventType::payment_canceled) time = notice["gmt_close"];
    return time.empty() ? notice["notify_time"] : time;
}

std::optional<UnifiedEvent> unify_trade(const Notice& notice) {
    if (notice["trade_status"].empty()) return std::nullopt;
    const auto type = trade_type(notice);
    if (!type) return std::nullopt;
    UnifiedEvent event{.type = *type};
    event.gateway_payment_id = notice["trade_no"];
    event.merchant_reference = notice["out_trade_no"];
    event.occurred_at = beijing_time(trade_time(notice, *type));
    set_currency(event, "CNY");
    if (*type == EventType::refund_succeeded) {
        event.gateway_refund_id = notice["out_biz_no"];
        set_decimal_amount(event, notice["refund_fee"]);  // all refunds of the trade together
    } else {
        set_decimal_amount(event, notice["total_amount"]);
    }
    return event;
}

// A refund to a bank card that the bank took or sent back, days after Alipay did its part.
std::optional<UnifiedEvent> unify_deposit_back(JsonValue content) {
    const std::string_view status = content["dback_status"].string();
    if (status != "S" && status != "F") return std::nullopt;
    UnifiedEvent event{
        .type = status == "S" ? EventType::refund_succeeded : EventType::refund_failed};
    event.gateway_refund_id = content["out_request_no"].text();
    event.gateway_payment_id = content["trade_no"].text();
    event.merchant_reference = content["out_trade_no"].text();
    set_currency(event, "CNY");
    set_decimal_amount(event, content["dback_amount"].text());
    if (event.type == EventType::refund_failed) event.reason = status;
    return event;
}

std::optional<UnifiedEvent> unify_transfer(JsonValue content) {
    const std::string_view status = content["status"].string();
    const bool paid = status == "SUCCESS";
    if (!paid && status != "FAIL" && status != "REFUND") return std::nullopt;
    UnifiedEvent event{.type = paid ? EventType::payout_paid : EventType::payout_failed};
    event.gateway_payout_id = content["order_id"].text();
    event.merchant_reference = content["out_biz_no"].text();
    set_currency(event, "CNY");
    set_decimal_amount(event, content["trans_amount"].text());
    if (!paid) event.reason = first_text(content["error_code"], content["fail_reason"]);
    return event;
}

std::optional<UnifiedEvent> unify_message(std::string_view method, JsonValue content) {
    if (method == kDepositBack) return unify_deposit_back(content);
    if (method == kTransferChanged) return unify_transfer(content);
    return std::nullopt;
}

std::string_view first_known(std::initializer_list<std::string_view> texts) {
    for (const std::string_view text : texts) {
        if (!text.empty()) return text;
    }
    return {};
}

class AlipayProvider final : public Provider {
 public:
    struct Options {
        std::string app_id;
        std::string seller_id;
        HashAlgorithm algorithm = HashAlgorithm::sha256;
        std::vector<PublicKey> keys;
    };

    explicit AlipayProvider(Options options) : options_{std::move(options)} {}

    VerifyCost verify_cost() const override { return VerifyCost::long_enough_for_worker; }

    Result<Verified, VerifyFailure> verify(const SignedRequest& request) const override {
        const auto parameters = parse_parameters(request.body);
        if (!parameters) return VerifyFailure::malformed;
        const Notice notice{*parameters};
        const std::string_view sign = notice["sign"];
        if (sign.empty()) return VerifyFailure::missing_header;
        request.note("sign", sign);
        request.note("sign_type", notice["sign_type"]);
        request.note("app_id", notice["app_id"]);
        if (!names_us(notice)) return VerifyFailure::unknown_key;
        const auto signature = from_base64(sign);
        if (!signature) return VerifyFailure::bad_signature;
        request.note("signed text", "decoded parameters, sorted, joined k=v&k=v, without sign");
        auto key =
            matching_key(alipay_signed_text(*parameters, AlipaySignType::left_out), *signature);
        if (!key && !notice["sign_type"].empty()) {
            request.note("signed text", "the same with sign_type, as some products sign");
            key = matching_key(alipay_signed_text(*parameters, AlipaySignType::kept), *signature);
        }
        if (!key) return VerifyFailure::bad_signature;
        return Verified{.key_index = *key};
    }

    Result<Normalised, NormaliseFailure> normalise(const SignedRequest& request) const override {
        const auto parameters = parse_parameters(request.body);
        if (!parameters) return NormaliseFailure::malformed;
        const Notice notice{*parameters};
        const std::string_view method = notice["msg_method"];
        ProviderEvent event;
        event.id = event_id_or_digest({.id = notice["notify_id"], .sent = request.body});
        event.type = first_known({method, notice["trade_status"], notice["notify_type"]});
        if (method.empty()) {
            event.unified = unify_trade(notice);
        } else {
            const auto content = JsonDocument::parse(notice["biz_content"]);
            if (!content || !content->root().is_object()) return NormaliseFailure::malformed;
            event.unified = unify_message(method, content->root());
            const auto sent_at =
                parse_unix_time(notice["utc_timestamp"], TimestampUnit::milliseconds);
            if (event.unified && sent_at) event.unified->occurred_at = to_iso8601(*sent_at);
        }
        Normalised normalised;
        normalised.account = notice["app_id"];
        normalised.events.push_back(std::move(event));
        return normalised;
    }

    std::optional<ProviderReply> acknowledgement(const SignedRequest&) const override {
        return ProviderReply{200, "text/plain", "success"};
    }

    std::optional<ProviderReply> refusal(VerifyFailure) const override {
        return ProviderReply{401, "text/plain", "fail"};
    }

 private:
    // Alipay signs for every merchant with keys we cannot tell apart by name: the app is ours, and
    // the seller too where the notice names one.
    bool names_us(const Notice& notice) const {
        const std::string_view seller = notice["seller_id"];
        if (notice["app_id"] != options_.app_id) return false;
        return options_.seller_id.empty() || seller.empty() || seller == options_.seller_id;
    }

    // The configured algorithm, never the message's sign_type: it must not talk us into SHA-1.
    std::optional<std::size_t> matching_key(std::string_view text, std::string_view signature)
        const {
        for (std::size_t i = 0; i < options_.keys.size(); ++i) {
            if (options_.keys[i].verify(options_.algorithm, {text}, signature)) return i;
        }
        return std::nullopt;
    }

    Options options_;
};

}  // namespace

std::string alipay_signed_text(const AlipayParameters& parameters, AlipaySignType sign_type) {
    AlipayParameters sorted = parameters;
    std::sort(sorted.begin(), sorted.end());
    std::string text;
    for (const auto& [name, value] : sorted) {
        if (name == "sign") continue;
        if (name == "sign_type" && sign_type == AlipaySignType::left_out) continue;
        if (!text.empty()) text += '&';
        text += name;
        text += '=';
        text += value;
    }
    return text;
}

Result<std::unique_ptr<Provider>, Complaint> make_alipay(const SettingTable& settings) {
    SettingsReader reader{settings, "alipay"};
    AlipayProvider::Options options;
    options.app_id = reader.required_text("app_id");
    options.seller_id = reader.text("seller_id", {});
    const bool old = reader.one_of("sign_type", {"RSA2", "RSA"}, "RSA2") == "RSA";
    options.algorithm = old ? HashAlgorithm::sha1 : HashAlgorithm::sha256;
    for (const std::string& text : reader.required_texts("alipay_public_keys")) {
        auto key = PublicKey::parse(text);
        if (key) {
            options.keys.push_back(std::move(*key));
        } else {
            reader.complain("alipay_public_keys", key.error().message);
        }
    }
    if (auto complaint = complaints_of(reader)) return std::move(*complaint);
    return std::make_unique<AlipayProvider>(std::move(options));
}

}  // namespace postern::verifiers
