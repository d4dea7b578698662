#include "payments/dialects/onerway/endpoints.hpp"
#include "payments/gateways/sandbox/page_text.hpp"
#include "payments/records/lookups.hpp"
#include "payments/records/money_records.hpp"

// The page behind receipt_url: for the one who paid, who has no key. The id in the address cannot
// be guessed, and the page says no more than a paper slip would.
namespace postern::payments::onerway {
namespace {

constexpr int kNotFound = 404;

struct Words {
    std::string_view title, paid, refunded, date, method, description, unknown;
};
constexpr Words kEnglish = {
    "Receipt",
    "Amount paid",
    "Refunded",
    "Date paid",
    "Payment method",
    "Description",
    "There is no such receipt."};
constexpr Words kChinese =
    {"收据", "支付金额", "已退款", "支付日期", "支付方式", "说明", "没有这张收据。"};

const Words& words_in(Language language) {
    return language == Language::chinese ? kChinese : kEnglish;
}

HttpReply page(int status, std::string_view title, std::string_view content) {
    HttpReply reply;
    reply.status = status;
    reply.content_type = "text/html; charset=utf-8";
    reply.body =
        "<!doctype html><html><head><meta charset=\"utf-8\">"
        "<meta name=\"viewport\" content=\"width=device-width\"><title>";
    reply.body += title;
    reply.body += "</title></head><body><h1>";
    reply.body += title;
    reply.body += "</h1>";
    reply.body += content;
    reply.body += "</body></html>\n";
    reply.fields = {
        {"Content-Security-Policy", "default-src 'none'; base-uri 'none'; form-action 'none'"},
        {"Cache-Control", "no-store"},
        {"Referrer-Policy", "no-referrer"},
        {"X-Content-Type-Options", "nosniff"}};
    return reply;
}

HttpReply unknown_page(const Words& words) {
    std::string content = "<p>";
    content += words.unknown;
    content += "</p>";
    return page(kNotFound, words.title, content);
}

void add_row(std::string& rows, std::string_view name, std::string_view value) {
    if (value.empty()) return;
    rows += "<dt>";
    rows += name;
    rows += "</dt><dd>";
    rows += escape_html(value);
    rows += "</dd>";
}

std::string spelled(const Money& amount) {
    return decimal_text(amount) + ' ' + amount.currency.upper();
}

std::string method_in_words(const Charge& charge) {
    std::string text{to_text(charge.method_type)};
    if (charge.card) text = std::string{to_text(charge.card->brand)};
    const std::string last4 = charge.card   ? charge.card->last4
                              : charge.bank ? charge.bank->last4
                                            : std::string{};
    if (!last4.empty()) text += " •••• " + last4;
    return text;
}

std::string receipt(const Payment& payment, const Charge& charge, const Words& words) {
    const Money paid{payment.received_minor, payment.amount.currency};
    const Money refunded{charge.refunded_minor, payment.amount.currency};
    std::string rows = "<dl>";
    add_row(rows, words.paid, spelled(paid));
    if (refunded.minor > 0) add_row(rows, words.refunded, spelled(refunded));
    add_row(rows, words.date, to_iso8601(charge.created_at));
    add_row(rows, words.method, method_in_words(charge));
    add_row(rows, words.description, payment.details.description);
    rows += "</dl>";
    return rows;
}

}  // namespace

Plan get_receipt(const Call& call) {
    const Words& words = words_in(call.language);
    const auto id = read_id<PaymentId>(call.around.ids, call.path.front());
    if (!id) return unknown_page(words);
    return ReadPlan{[id = *id, &words](const Books& books) -> Reply {
        const auto payment = find_anyones_payment(books.connection, id);
        if (!payment) return payment.error();
        if (!*payment || !(*payment)->latest_charge || (*payment)->received_minor == 0) {
            return unknown_page(words);
        }
        const auto charge =
            find_charge(books.connection, (*payment)->owner, *(*payment)->latest_charge);
        if (!charge) return charge.error();
        if (!*charge) return unknown_page(words);
        return page(200, words.title, receipt(**payment, **charge, words));
    }};
}

}  // namespace postern::payments::onerway
