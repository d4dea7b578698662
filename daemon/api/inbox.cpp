#include "daemon/api/functions.hpp"
#include "daemon/api/inbox_item.hpp"
#include "daemon/api/parameters.hpp"
#include "daemon/api/replies.hpp"

#include <array>

namespace postern::daemon {

using storage::InboxFilter;
using storage::InboxRow;
using storage::Page;
using storage::PageRequest;
using storage::Verdict;

namespace {

constexpr std::array kVerdicts = {
    Verdict::verified,
    Verdict::unrecognised,
    Verdict::malformed,
    Verdict::duplicate};

std::optional<Verdict> read_verdict(ParameterReader& parameters) {
    const auto sent = parameters.text("verdict");
    if (!sent) return std::nullopt;
    std::string allowed;
    for (const Verdict verdict : kVerdicts) {
        if (*sent == to_text(verdict)) return verdict;
        if (!allowed.empty()) allowed += ", ";
        allowed += to_text(verdict);
    }
    parameters.complain("verdict", "must be one of " + allowed);
    return std::nullopt;
}

struct InboxWish {
    InboxFilter filter;
    std::optional<std::string> gateway;
    PageRequest<InboxId> page;
    TimePoint asked_at;
};

InboxWish read_wish(ParameterReader& parameters, const ApiCall& call) {
    InboxWish wish;
    wish.filter.account = call.identity.account;
    wish.filter.livemode = call.identity.livemode;
    wish.filter.verdict = read_verdict(parameters);
    wish.filter.since = parameters.time("since");
    wish.filter.until = parameters.time("until");
    wish.gateway = parameters.text("gateway");
    wish.page = parameters.page<InboxId>(call.around.store.ids);
    wish.asked_at = call.around.clock.now();
    return wish;
}

struct InboxAnswer {
    GatewayNames gateways{{}};
    std::optional<Page<InboxRow>> page;  // absent: no gateway of the wished name
};

StoreResult find_wished(storage::Connection& connection, InboxWish& wish, InboxAnswer& answer) {
    auto gateways = GatewayNames::load(connection);
    if (!gateways) return gateways.error();
    answer.gateways = std::move(*gateways);
    if (wish.gateway) {
        wish.filter.gateway = answer.gateways.find(*wish.gateway, *wish.filter.account);
        if (!wish.filter.gateway) return {};
    }
    wish.filter.until = storage::settled_until(
        connection, {.order = wish.page.order, .until = wish.filter.until, .now = wish.asked_at}
    );
    auto page = storage::list_inbox(connection, wish.filter, wish.page);
    if (!page) return page.error();
    answer.page = std::move(*page);
    return {};
}

HttpReply page_reply(const InboxAnswer& answer, const IdCodec& ids) {
    const Page<InboxRow>& page = *answer.page;
    std::string body;
    JsonWriter writer{body};
    begin_list(writer);
    for (const InboxRow& row : page.rows) append_inbox_summary(writer, row, {ids, answer.gateways});
    const bool more = page.more == Page<InboxRow>::More::yes;
    end_list(writer, more ? std::optional{ids.encode(page.rows.back().id)} : std::nullopt);
    return json_reply(std::move(body));
}

}  // namespace

net::Task<HttpReply> list_inbox_items(const ApiCall& call) {
    ParameterReader parameters{call.request.query};
    InboxWish wish = read_wish(parameters, call);
    if (const auto error = parameters.finish()) co_return error_reply(*error);
    InboxAnswer answer;
    const ReadWork work = [&wish, &answer](storage::Connection& connection) {
        return find_wished(connection, wish, answer);
    };
    auto reading = read_store(call.around.store, call.thread, work);
    const StoreResult read = co_await std::move(reading);
    if (!read) co_return store_error_reply(read.error());
    if (!answer.page) co_return error_reply(unknown_gateway_error());
    co_return page_reply(answer, call.around.store.ids);
}

net::Task<HttpReply> get_inbox_item(const ApiCall& call) {
    ParameterReader parameters{call.request.query};
    if (const auto error = parameters.finish()) co_return error_reply(*error);
    const auto id = call.around.store.ids.decode<InboxId>(call.path_parameters.front());
    if (!id) co_return not_found_reply("received webhook");
    auto replying = inbox_item_reply(call, *id);
    co_return co_await std::move(replying);
}

}  // namespace postern::daemon
