#include "payments/gateways/sandbox/pages.hpp"

#include "core/bytes.hpp"
#include "payments/gateways/sandbox/page_text.hpp"
#include "payments/gateways/sandbox/sandbox_actions.hpp"

namespace postern::payments {
namespace {

constexpr int kOk = 200;
constexpr int kSeeOther = 303;
constexpr int kBadRequest = 400;
constexpr int kNotFound = 404;
constexpr int kGone = 410;

// Where the form may lead is left open: the shop's own page is where the customer goes back to.
HttpReply html_reply(int status, std::string body) {
    HttpReply reply;
    reply.status = status;
    reply.content_type = "text/html; charset=utf-8";
    reply.body = std::move(body);
    reply.fields = {
        {"Content-Security-Policy",
         "default-src 'none'; style-src '" + page_style_hash()
             + "'; img-src data:; "
               "base-uri 'none'"},
        {"Cache-Control", "no-store"},
        {"Referrer-Policy", "no-referrer"},
        {"X-Content-Type-Options", "nosniff"},
    };
    return reply;
}

HttpReply notice_reply(int status, Notice notice, Language language) {
    return html_reply(status, notice_page(notice, language));
}

HttpReply over_reply(ActionStanding standing, Language language) {
    const bool expired = standing == ActionStanding::expired;
    return notice_reply(kGone, expired ? Notice::expired : Notice::over, language);
}

std::optional<ActionOutcome> outcome_in(std::string_view body) {
    const auto form = parse_form(body);
    if (!form) return std::nullopt;
    for (const auto& [name, value] : *form) {
        if (name != "outcome") continue;
        if (value == "succeeded") return ActionOutcome::succeeded;
        if (value == "failed") return ActionOutcome::failed;
        if (value == "abandoned") return ActionOutcome::abandoned;
    }
    return std::nullopt;
}

// A shop may have sent any text: nothing of it may end the header or be read as another.
std::string as_header_value(std::string_view url) {
    std::string value;
    for (const char c : url) {
        const bool plain = c > ' ' && c < '\x7f';
        value += plain ? std::string{c} : encode_percent({&c, 1});
    }
    return value;
}

struct Decided {
    FullAction action;
    ActionOutcome outcome = ActionOutcome::succeeded;
};

HttpReply decided_reply(const Decided& decided, const IdCodec& ids, Language language) {
    const bool approved = decided.outcome == ActionOutcome::succeeded;
    const std::string& return_url = decided.action.row.return_url;
    if (return_url.empty()) {
        return notice_reply(kOk, approved ? Notice::approved : Notice::declined, language);
    }
    HttpReply reply = html_reply(kSeeOther, {});
    reply.content_type.clear();
    reply.fields.push_back(
        {"Location",
         as_header_value(
             return_location(decided.action.payment.payment, ids, {return_url, decided.outcome})
         )}
    );
    return reply;
}

Plan unknown_action(const Call& call) {
    return notice_reply(kNotFound, Notice::unknown, call.language);
}

Plan show_action(const Call& call) {
    const auto id = call.around.ids.decode<ActionId>(call.path.front());
    if (!id) return unknown_action(call);
    return ReadPlan{
        [id = *id, now = call.now, language = call.language](const Books& books) -> Reply {
            const auto action = load_action(books.connection, books.around, id);
            if (!action) return action.error();
            if (!*action) return notice_reply(kNotFound, Notice::unknown, language);
            const ActionStanding standing = standing_of(**action, now);
            if (standing != ActionStanding::waiting) return over_reply(standing, language);
            return html_reply(kOk, action_page(**action, language));
        }};
}

Reply decide(Work& work, ActionId id, ActionOutcome outcome, Language language) {
    const auto action = load_action(work.transaction.connection(), work.around, id);
    if (!action) return action.error();
    if (!*action) return notice_reply(kNotFound, Notice::unknown, language);
    const ActionStanding standing = standing_of(**action, work.now());
    if (standing == ActionStanding::expired) {
        const auto expired = expire_action(work, **action);
        if (!expired) return expired.error();
    }
    if (standing != ActionStanding::waiting) return over_reply(standing, language);
    const auto payment = decide_action(work, **action, outcome);
    if (!payment) return payment.error();
    return decided_reply({**action, outcome}, work.around.ids, language);
}

Plan take_decision(const Call& call) {
    const auto id = call.around.ids.decode<ActionId>(call.path.front());
    if (!id) return unknown_action(call);
    const auto outcome = outcome_in(call.request.body);
    if (!outcome) return notice_reply(kBadRequest, Notice::not_understood, call.language);
    return WritePlan{.run = [id = *id, outcome = *outcome, language = call.language](Work& work) {
        return decide(work, id, outcome, language);
    }};
}

}  // namespace

std::string return_location(const Payment& payment, const IdCodec& ids, const ReturnTrip& trip) {
    const std::string intent = stripe_id(ids, payment.id);
    std::string parameters = "payment_intent=" + intent;
    parameters += "&payment_intent_client_secret=" + intent + "_secret_";
    parameters += encode_percent(payment.client_secret);
    parameters += "&redirect_status=";
    parameters += trip.outcome == ActionOutcome::succeeded ? "succeeded" : "failed";
    const std::string_view url = trip.return_url;
    const auto hash = url.find('#');
    std::string location{url.substr(0, hash)};
    const auto question = location.find('?');
    if (question == std::string::npos) {
        location += '?';
    } else if (question + 1 < location.size() && !location.ends_with('&')) {
        location += '&';
    }
    location += parameters;
    if (hash != std::string_view::npos) location += url.substr(hash);
    return location;
}

std::span<const Route> sandbox_page_routes() {
    static constexpr std::array routes = {
        Route{
            .method = "GET",
            .pattern = "/sandbox/actions/{id}",
            .needs = Needs::open,
            .dialect = Dialect::sandbox_page,
            .plan = show_action},
        Route{
            .method = "POST",
            .pattern = "/sandbox/actions/{id}",
            .needs = Needs::open,
            .dialect = Dialect::sandbox_page,
            .plan = take_decision},
    };
    return routes;
}

}  // namespace postern::payments
