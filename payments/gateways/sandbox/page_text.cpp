#include "payments/gateways/sandbox/page_text.hpp"

#include "core/bytes.hpp"
#include "core/crypto.hpp"
#include "core/money.hpp"
#include "payments/gateways/sandbox/qr_code.hpp"

#include <array>

namespace postern::payments {
namespace {

// English and Chinese of one sentence.
struct Saying {
    std::string_view english;
    std::string_view chinese;
    std::string_view in(Language language) const {
        return language == Language::chinese ? chinese : english;
    }
};

constexpr Saying kBadge{"Sandbox: no money moves", "沙盒环境：不会产生真实扣款"};
constexpr Saying kChallengeTitle{"Is this you?", "请验证本次付款"};
constexpr Saying kChallengeText{
    "Your bank asks you to confirm this payment (3-D Secure). You play the card's owner.",
    "您的银行要求确认本次付款（3D 安全验证）。请以持卡人身份操作。"};
constexpr Saying kWalletTitle{"Pay with Alipay", "支付宝付款"};
constexpr Saying kWalletText{
    "The customer was sent here to pay. You play the customer.",
    "顾客已跳转到此页面付款。请以顾客身份操作。"};
constexpr Saying kCodeTitle{"Pay with WeChat Pay", "微信支付"};
constexpr Saying kCodeText{
    "Scan the code with any phone that reaches this server, or use the buttons below.",
    "请用能访问本服务器的手机扫描二维码，或使用下方按钮。"};
constexpr Saying kAmount{"Amount", "金额"};
constexpr Saying kOrder{"Order", "订单"};
constexpr Saying kDescription{"Description", "说明"};
constexpr Saying kCard{"Card", "银行卡"};
constexpr Saying kExpires{"Expires", "有效期至"};
constexpr Saying kApprove{"Approve", "同意付款"};
constexpr Saying kDecline{"Decline", "拒绝"};
constexpr Saying kAbandon{"Leave without paying", "放弃付款"};
constexpr Saying kCodeLabel{"QR code of this page", "本页面的二维码"};

struct NoticeTexts {
    Notice notice;
    Saying title;
    Saying text;
};
constexpr std::array kNotices = {
    NoticeTexts{
        Notice::approved,
        {"Approved", "已同意"},
        {"The payment goes on. You may close this page.", "付款将继续处理。您可以关闭此页面。"}},
    NoticeTexts{
        Notice::declined,
        {"Declined", "已拒绝"},
        {"The payment was not approved. You may close this page.",
         "本次付款未获同意。您可以关闭此页面。"}},
    NoticeTexts{
        Notice::over,
        {"Nothing to decide here", "此操作已结束"},
        {"This page was used already, or its payment has moved on.",
         "此页面已被使用，或该付款的状态已改变。"}},
    NoticeTexts{
        Notice::expired,
        {"Time is up", "已过期"},
        {"This page waited too long. Start the payment again.", "此页面已过期，请重新发起付款。"}},
    NoticeTexts{
        Notice::unknown,
        {"No such page", "页面不存在"},
        {"There is no payment that waits here.", "没有等待处理的付款。"}},
    NoticeTexts{
        Notice::not_understood,
        {"Not understood", "无法识别"},
        {"outcome must be succeeded, failed or abandoned.",
         "outcome 必须是 succeeded、failed 或 abandoned。"}},
};

constexpr std::string_view kStyle =
    ":root{color-scheme:light dark;--ground:#f3f4f7;--paper:#fff;--ink:#1c2330;--soft:#5d6677;"
    "--line:#dfe3ea;--accent:#1f6feb}"
    "@media (prefers-color-scheme:dark){:root{--ground:#12161d;--paper:#1b212b;--ink:#e8ebf0;"
    "--soft:#9aa4b5;--line:#2d3643}}"
    "*{box-sizing:border-box}"
    "body{margin:0;min-height:100vh;display:grid;place-items:center;padding:1rem;"
    "background:var(--ground);color:var(--ink);font:1rem/1.5 system-ui,sans-serif}"
    "main{width:100%;max-width:26rem;padding:2rem;background:var(--paper);border-radius:1rem;"
    "border:1px solid var(--line)}"
    "h1{margin:.75rem 0 .5rem;font-size:1.5rem}"
    "p{margin:0 0 1.25rem;color:var(--soft)}"
    ".badge{display:inline-block;margin:0;padding:.15rem .7rem;border-radius:1rem;"
    "background:#fff3cd;color:#664d03;font-size:.85rem}"
    "dl{margin:0 0 1.5rem;display:grid;grid-template-columns:auto 1fr;gap:.4rem 1rem}"
    "dt{color:var(--soft)}"
    "dd{margin:0;text-align:right;overflow-wrap:anywhere}"
    "dd.sum{font-weight:700}"
    "svg{display:block;width:70%;margin:0 auto 1.5rem;border-radius:.5rem}"
    "form{display:grid;gap:.6rem}"
    "button{padding:.75rem;border-radius:.6rem;border:1px solid var(--line);background:none;"
    "color:inherit;font:inherit;cursor:pointer}"
    "button.first{background:var(--accent);border-color:var(--accent);color:#fff;font-weight:600}"
    "button.last{border:0;color:var(--soft);text-decoration:underline}"
    "button:focus-visible{outline:3px solid var(--accent);outline-offset:2px}";

std::string document(std::string_view title, std::string_view body, Language language) {
    std::string page = "<!doctype html>\n<html lang=\"";
    page += language == Language::chinese ? "zh-CN" : "en";
    page +=
        "\">\n<head>\n<meta charset=\"utf-8\">\n"
        "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
        "<meta name=\"robots\" content=\"noindex\">\n"
        "<link rel=\"icon\" href=\"data:,\">\n<title>";
    page += title;
    page += "</title>\n<style>";
    page += kStyle;
    page += "</style>\n</head>\n<body>\n<main>\n<p class=\"badge\">";
    page += kBadge.in(language);
    page += "</p>\n<h1>";
    page += title;
    page += "</h1>\n";
    page += body;
    page += "</main>\n</body>\n</html>\n";
    return page;
}

struct Heading {
    Saying title;
    Saying text;
};
Heading heading_of(NextAction::Kind kind) {
    switch (kind) {
        case NextAction::Kind::three_d_secure: return {kChallengeTitle, kChallengeText};
        case NextAction::Kind::redirect: return {kWalletTitle, kWalletText};
        case NextAction::Kind::qr_code: return {kCodeTitle, kCodeText};
    }
    return {kChallengeTitle, kChallengeText};
}

class DetailList {
 public:
    explicit DetailList(Language language) : language_{language} { html_ = "<dl>\n"; }

    void add(const Saying& name, std::string_view value, std::string_view style = {}) {
        if (value.empty()) return;
        html_ += "<dt>";
        html_ += name.in(language_);
        html_ += style.empty() ? "</dt><dd>" : "</dt><dd class=\"";
        if (!style.empty()) html_ += std::string{style} + "\">";
        html_ += escape_html(value);
        html_ += "</dd>\n";
    }
    std::string take() {
        html_ += "</dl>\n";
        return std::move(html_);
    }

 private:
    Language language_;
    std::string html_;
};

std::string card_text(const FullPayment& payment) {
    if (!payment.method || !payment.method->card) return {};
    const Card& card = *payment.method->card;
    std::string text{to_text(card.brand)};
    if (!text.empty()) text.front() = upper_case(text.substr(0, 1)).front();
    text += " •••• ";
    text += card.last4;
    return text;
}

// "2026-01-28 10:30 UTC"
std::string readable(TimePoint at) {
    std::string text = to_iso8601(at).substr(0, 16);
    text[10] = ' ';
    text += " UTC";
    return text;
}

std::string details_of(const FullAction& action, Language language) {
    const Payment& payment = action.payment.payment;
    DetailList details{language};
    details.add(
        kAmount, decimal_text(payment.amount) + " " + payment.amount.currency.upper(), "sum"
    );
    details.add(kOrder, payment.order_id);
    details.add(kDescription, payment.details.description);
    details.add(kCard, card_text(action.payment));
    details.add(kExpires, readable(action.row.expires_at));
    return details.take();
}

// Larger than what a screen shows well: then the buttons must do.
std::string code_of(const FullAction& action, Language language) {
    const auto& next = action.payment.payment.next_action;
    if (!next || next->qr_text.empty()) return {};
    const auto code = QrCode::of(next->qr_text);
    if (!code) return {};
    std::string svg = code->to_svg();
    std::string label = " aria-label=\"";
    label += kCodeLabel.in(language);
    label += '"';
    svg.insert(svg.find(" viewBox"), label);
    svg += '\n';
    return svg;
}

std::string button(std::string_view outcome, std::string_view style, std::string_view label) {
    std::string html = "<button name=\"outcome\" value=\"";
    html += outcome;
    html += "\" class=\"";
    html += style;
    html += "\">";
    html += label;
    html += "</button>\n";
    return html;
}

}  // namespace

std::string action_page(const FullAction& action, Language language) {
    const Heading heading = heading_of(action.row.kind);
    std::string body = "<p>";
    body += heading.text.in(language);
    body += "</p>\n";
    if (action.row.kind == NextAction::Kind::qr_code) body += code_of(action, language);
    body += details_of(action, language);
    body += "<form method=\"post\">\n";
    body += button("succeeded", "first", kApprove.in(language));
    body += button("failed", "second", kDecline.in(language));
    body += button("abandoned", "last", kAbandon.in(language));
    body += "</form>\n";
    return document(heading.title.in(language), body, language);
}

std::string notice_page(Notice notice, Language language) {
    for (const NoticeTexts& texts : kNotices) {
        if (texts.notice != notice) continue;
        std::string body = "<p>";
        body += texts.text.in(language);
        body += "</p>\n";
        return document(texts.title.in(language), body, language);
    }
    return {};
}

std::string page_style_hash() {
    static const std::string hash = "sha256-" + to_base64(sha256(kStyle));
    return hash;
}

std::string escape_html(std::string_view text) {
    std::string escaped;
    for (const char c : text) {
        switch (c) {
            case '&': escaped += "&amp;"; break;
            case '<': escaped += "&lt;"; break;
            case '>': escaped += "&gt;"; break;
            case '"': escaped += "&quot;"; break;
            case '\'': escaped += "&#39;"; break;
            default: escaped += c;
        }
    }
    return escaped;
}

}  // namespace postern::payments
