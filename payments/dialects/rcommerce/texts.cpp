#include "payments/dialects/rcommerce/texts.hpp"

#include "core/assert.hpp"

#include <algorithm>
#include <array>
#include <iterator>

namespace postern::payments::rcommerce {
namespace {

struct Row {
    Text text;
    std::string_view english;
    std::string_view chinese;
};

// In the order of the enumeration: a row is found by its place.
constexpr Row kTexts[] = {
    {Text::payment_not_found, "There is no payment of this id.", "支付不存在。"},
    {Text::invalid_amount, "The amount is invalid.", "支付金额无效。"},
    {Text::invalid_currency, "This currency is not supported.", "不支持的货币。"},
    {Text::invalid_payment_method, "The card or bank details are invalid.", "卡或银行信息无效。"},
    {Text::card_declined, "Your card was declined.", "您的卡被拒绝。"},
    {Text::insufficient_funds, "Your card has insufficient funds.", "您的卡余额不足。"},
    {Text::expired_card, "Your card has expired.", "您的卡已过期。"},
    {Text::incorrect_cvc, "Your card's security code is incorrect.", "您的卡安全码不正确。"},
    {Text::processing_error,
     "An error occurred while processing your card. Try again in a little while.",
     "网关处理您的卡时出错，请稍后重试。"},
    {Text::already_captured, "The payment has been captured already.", "支付已捕获。"},
    {Text::already_refunded, "The payment has been refunded in full already.", "支付已全额退款。"},
    {Text::refund_amount_invalid,
     "The refund must be more than zero and no more than is left of the payment.",
     "退款金额必须大于零，且不能超过支付的剩余金额。"},
    {Text::dispute_not_found, "There is no dispute of this id.", "争议不存在。"},
    {Text::gateway_not_found, "This payment gateway is not configured.", "支付网关未配置。"},
    {Text::idempotency_key_reused,
     "This idempotency key came with another request before; use a new key for each request.",
     "幂等键已用于另一个请求，请为每个请求使用新的键。"},
    {Text::validation_error, "The request is invalid.", "请求无效。"},
    {Text::unauthorized, "A valid API key is required.", "需要有效的 API 密钥。"},
    {Text::forbidden,
     "A restricted key may only read; use a secret key for this.",
     "受限密钥只能读取，请使用密钥执行此操作。"},
    {Text::not_found, "There is nothing of this id.", "资源不存在。"},
    {Text::conflict, "This cannot be done as things stand.", "当前状态下无法执行此操作。"},
    {Text::rate_limited, "Too many requests; slow down.", "请求过于频繁，请稍后重试。"},
    {Text::internal_error,
     "Something went wrong on our side; nothing was changed.",
     "服务器内部错误，未做任何更改。"},

    {Text::authentication_failed,
     "The customer could not be authenticated, so nothing was charged.",
     "客户未能通过身份验证，未扣款。"},
    {Text::payment_canceled, "The payment was canceled.", "支付已取消。"},
    {Text::payment_not_authorized,
     "Only an authorized payment that is not yet captured can be captured.",
     "只有已授权且未捕获的支付才能捕获。"},
    {Text::payment_in_this_state,
     "This cannot be done to a payment in its present state.",
     "支付的当前状态不允许此操作。"},
    {Text::nothing_captured,
     "Nothing of this payment has been captured; cancel it instead.",
     "支付尚未捕获，无法退款；请改为取消支付。"},
    {Text::payment_disputed,
     "The payment is disputed, so it cannot be refunded.",
     "支付存在争议，无法退款。"},
    {Text::dispute_closed, "The dispute takes no more evidence.", "争议不再接受证据。"},
    {Text::authentication_missing,
     "The customer has not done yet what the payment requires.",
     "客户尚未完成支付所需的操作。"},
    {Text::customers_max,
     "The account has as many customers as it may have.",
     "账户的客户数量已达上限。"},
    {Text::methods_max,
     "The customer has as many payment methods as it may have.",
     "客户的支付方式数量已达上限。"},
    {Text::balance_insufficient, "The available balance is too small.", "可用余额不足。"},
    {Text::refund_not_found, "There is no refund of this id.", "退款不存在。"},
    {Text::customer_not_found, "There is no customer of this id.", "客户不存在。"},
    {Text::method_not_found, "There is no payment method of this id.", "支付方式不存在。"},
    {Text::payout_not_found, "There is no payout of this id.", "提现不存在。"},
    {Text::amount_too_small, "must be at least {}", "不能小于 {}"},
    {Text::amount_too_large, "must be at most {}", "不能大于 {}"},
    {Text::amount_over_hold, "is more than the payment holds", "超过已授权的金额"},
    {Text::currency_not_for_this,
     "is not supported by this gateway or payment method",
     "该网关或支付方式不支持此货币"},
    {Text::method_not_usable,
     "can no longer pay, or does not belong to this customer",
     "已无法使用，或不属于该客户"},
    {Text::method_type_unsupported, "is not supported by this gateway", "该网关不支持此支付方式"},
    {Text::card_number_invalid, "is no valid card number", "卡号无效"},
    {Text::card_month_invalid, "must be a month from 01 to 12", "到期月份必须为 01 至 12"},
    {Text::card_year_invalid, "is no valid year of expiry", "到期年份无效"},
    {Text::card_cvc_invalid, "is no valid security code", "安全码无效"},
    {Text::and_more, " (and {} more, see details)", "（另有 {} 处错误，见 details）"},

    {Text::required, "is required", "必填"},
    {Text::invalid_value, "is invalid", "无效"},
    {Text::unknown_field, "is no field of this request", "未知字段"},
    {Text::unknown_field_meant,
     "is no field of this request; did you mean {}?",
     "未知字段，是否应为 {}？"},
    {Text::unknown_parameter, "is no parameter of this list", "未知参数"},
    {Text::given_twice, "is given more than once", "重复出现"},
    {Text::body_not_json, "must be JSON", "必须是有效的 JSON"},
    {Text::body_not_object, "must be a JSON object", "必须是 JSON 对象"},
    {Text::query_not_decodable, "has a broken percent escape", "百分号编码不正确"},
    {Text::not_a_text, "must be a text of at most {} characters", "必须是不超过 {} 个字符的文本"},
    {Text::empty_text, "must not be empty", "不能为空"},
    {Text::not_an_object, "must be an object", "必须是对象"},
    {Text::not_a_flag, "must be true or false", "必须为 true 或 false"},
    {Text::not_a_decimal,
     "must be a decimal text of at most two places, such as \"59.49\"",
     "必须是最多两位小数的文本，例如 \"59.49\""},
    {Text::not_one_of, "must be one of {}", "必须是以下之一：{}"},
    {Text::not_a_whole_number, "must be a whole number from {} to {}", "必须是 {} 至 {} 的整数"},
    {Text::not_a_time,
     "must be a time such as 2026-01-28T10:00:00Z",
     "必须是时间，例如 2026-01-28T10:00:00Z"},
    {Text::not_a_date, "must be a date such as 2026-01-28", "必须是日期，例如 2026-01-28"},
    {Text::not_an_email, "must be an email address", "必须是邮箱地址"},
    {Text::not_a_url,
     "must be an address such as https://shop.example/done",
     "必须是网址，例如 https://shop.example/done"},
    {Text::not_an_id, "is no id of this kind", "ID 无效"},
    {Text::not_a_gateway, "must be the name of a configured gateway", "必须是已配置的网关"},
    {Text::not_a_key,
     "must be a text of 1 to 255 printable ASCII characters",
     "必须是 1 至 255 个可打印的 ASCII 字符"},
    {Text::not_this_payments, "belongs to another payment", "不属于该支付"},
    {Text::metadata_too_many, "must have at most {} pairs", "最多 {} 个键值对"},
    {Text::metadata_name_too_long,
     "must have a name of 1 to {} characters",
     "键名必须为 1 至 {} 个字符"},
    {Text::metadata_value,
     "must be a text of at most {} characters",
     "值必须是不超过 {} 个字符的文本"},
    {Text::account_number_invalid, "is no valid account or routing number", "账号或路由号码无效"},
    {Text::nothing_given, "needs at least one field", "至少需要一个字段"},

    {Text::method_deleted, "The payment method was deleted.", "支付方式已删除"},
};
static_assert(std::size(kTexts) == kTextCount);

constexpr bool in_order() {
    for (std::size_t i = 0; i < std::size(kTexts); ++i) {
        if (static_cast<std::size_t>(kTexts[i].text) != i) return false;
    }
    return true;
}
static_assert(in_order());

constexpr Label kFields[] = {
    {"number", "Card number", "卡号"},
    {"exp_month", "Expiry month", "到期月份"},
    {"exp_year", "Expiry year", "到期年份"},
    {"cvc", "Security code", "安全码"},
    {"name", "Name on card", "持卡人姓名"},
    {"account_number", "Account number", "账号"},
    {"routing_number", "Routing number", "路由号码"},
    {"account_holder_name", "Account holder name", "账户持有人姓名"},
    {"bank_name", "Bank name", "银行名称"},
};

constexpr Label kMethods[] = {
    {"card", "Credit or debit card", "信用卡/借记卡"},
    {"bank_transfer", "Bank transfer", "银行转账"},
    {"wechat_pay", "WeChat Pay", "微信支付"},
    {"alipay", "Alipay", "支付宝"},
};

constexpr Label kGateways[] = {
    {"stripe", "Stripe", "Stripe"},
    {"airwallex", "Airwallex", "Airwallex 空中云汇"},
    {"wechatpay", "WeChat Pay", "微信支付"},
    {"alipay", "Alipay", "支付宝"},
    {"onerway", "Onerway", "Onerway"},
};

}  // namespace

std::string_view text(Text text, Language language) {
    const auto place = static_cast<std::size_t>(text);
    POSTERN_ASSERT(place < kTextCount);
    return language == Language::chinese ? kTexts[place].chinese : kTexts[place].english;
}

std::string text(Text which, Language language, std::initializer_list<std::string_view> values) {
    constexpr std::string_view gap = "{}";
    std::string filled;
    std::string_view rest = text(which, language);
    for (const std::string_view value : values) {
        const std::size_t at = rest.find(gap);
        POSTERN_ASSERT(at != std::string_view::npos);
        filled += rest.substr(0, at);
        filled += value;
        rest.remove_prefix(at + gap.size());
    }
    filled += rest;
    return filled;
}

std::span<const Label> field_labels() {
    return kFields;
}

std::span<const Label> method_labels() {
    return kMethods;
}

std::span<const Label> gateway_labels() {
    return kGateways;
}

std::string_view label(std::span<const Label> labels, std::string_view name, Language language) {
    const auto found = std::find_if(labels.begin(), labels.end(), [name](const Label& one) {
        return one.name == name;
    });
    if (found == labels.end()) return {};
    return language == Language::chinese ? found->chinese : found->english;
}

}  // namespace postern::payments::rcommerce
