#include "daemon/api/replies.hpp"
#include "daemon/faces/svix/application.hpp"
#include "daemon/faces/svix/attempt.hpp"
#include "daemon/faces/svix/functions.hpp"
#include "daemon/faces/svix/ids.hpp"
#include "daemon/faces/svix/listing.hpp"

#include <algorithm>

namespace postern::daemon::svix {

using storage::AccountRow;
using storage::AttemptRow;
using storage::Connection;
using storage::DeliveryRow;
using storage::EventRow;
using storage::Order;
using storage::StoreError;

namespace {

struct AttemptWish {
    PageWish page;
    std::optional<postern::AttemptId> from;
    AttemptFilter filter;
    AttemptView view;
};

struct AttemptPage {
    std::vector<WholeAttempt> attempts;         // in the order read
    std::optional<postern::AttemptId> reached;  // the last one looked at
    ListBorders::Rest rest = ListBorders::Rest::none;
};

AttemptWish read_wish(Query& query, const ApiCall& call) {
    AttemptWish wish;
    wish.page = read_page(query);
    wish.filter = read_attempt_filter(query);
    if (!query.flag("with_content").value_or(true)) wish.view.content = Content::hidden;
    if (query.flag("with_msg").value_or(false)) wish.view.message = wish.view.content;
    query.flag("expanded_statuses");  // an attempt that ended is neither sending nor canceled
    if (!wish.page.from) return wish;
    const auto id = call.around.store.ids.decode<AttemptId>(*wish.page.from);
    if (id) wish.from = postern::AttemptId{id->value};
    if (!id) complain_about_iterator(query);
    return wish;
}

HttpReply page_reply(const ApiCall& call, const AttemptWish& wish, AttemptPage page) {
    const IdCodec& ids = call.around.store.ids;
    in_shown_order(page.attempts, wish.page);
    std::string body;
    JsonWriter writer{body};
    begin_list(writer);
    for (const WholeAttempt& attempt : page.attempts) {
        append_attempt(writer, attempt, ids, wish.view);
    }
    ListBorders borders{.rest = page.rest};
    if (!page.attempts.empty()) {
        borders.first = ids.encode(AttemptId{page.attempts.front().row.id.value});
        borders.last = ids.encode(AttemptId{page.attempts.back().row.id.value});
    }
    // A filter may have dropped what was looked at last: the next page begins behind that.
    if (page.reached && page.rest == ListBorders::Rest::some) {
        const bool onward = wish.page.direction == PageWish::Direction::onward;
        (onward ? borders.last : borders.first) = ids.encode(AttemptId{page.reached->value});
    }
    end_list(writer, borders);
    return json_reply(std::move(body));
}

Result<std::string, StoreError> url_of(Connection& connection, postern::EndpointId id) {
    const auto row = storage::find_endpoint(connection, id);
    if (!row) return row.error();
    if (!*row) return boost::system::in_place_value;
    return {boost::system::in_place_value, (*row)->url};
}

// One delivery's attempts, oldest first.
Result<void, StoreError> add_attempts(
    Connection& connection,
    const DeliveryRow& delivery,
    const EventRow& event,
    std::vector<WholeAttempt>& attempts
) {
    auto rows = storage::list_attempts(connection, delivery.id);
    if (!rows) return rows.error();
    const auto url = url_of(connection, delivery.endpoint);
    if (!url) return url.error();
    for (AttemptRow& row : *rows) {
        attempts.push_back(
            {.row = std::move(row), .delivery = delivery, .event = event, .url = *url}
        );
    }
    return {};
}

void sort_for(std::vector<WholeAttempt>& attempts, Order order) {
    std::sort(
        attempts.begin(),
        attempts.end(),
        [order](const WholeAttempt& a, const WholeAttempt& b) {
            return order == Order::oldest_first ? a.row.id < b.row.id : b.row.id < a.row.id;
        }
    );
}

bool is_past(const WholeAttempt& attempt, postern::AttemptId border, Order order) {
    return order == Order::oldest_first ? border < attempt.row.id : attempt.row.id < border;
}

void drop_up_to(std::vector<WholeAttempt>& attempts, postern::AttemptId border, Order order) {
    const auto is_before = [border, order](const WholeAttempt& attempt) {
        return !is_past(attempt, border, order);
    };
    attempts.erase(std::remove_if(attempts.begin(), attempts.end(), is_before), attempts.end());
}

enum class Full { no, yes };
// Takes those that are wanted until the page is full; the next one tells that there are more.
Full take(AttemptPage& page, std::vector<WholeAttempt> attempts, const AttemptWish& wish) {
    for (WholeAttempt& attempt : attempts) {
        const bool wanted = wish.filter.admits(attempt);
        if (wanted && page.attempts.size() == wish.page.rows_max) {
            page.rest = ListBorders::Rest::some;
            return Full::yes;
        }
        page.reached = attempt.row.id;
        if (wanted) page.attempts.push_back(std::move(attempt));
    }
    return Full::no;
}

// A message has few deliveries, so all its attempts are read and put in order here.
Result<AttemptPage, StoreError> read_of_message(
    Connection& connection,
    const EventRow& event,
    std::optional<postern::EndpointId> endpoint,
    const AttemptWish& wish
) {
    const auto deliveries = storage::list_deliveries_of_event(connection, event.id);
    if (!deliveries) return deliveries.error();
    const Order order = wish.page.read_order();
    std::vector<WholeAttempt> attempts;
    for (const DeliveryRow& delivery : *deliveries) {
        if (endpoint && delivery.endpoint != *endpoint) continue;
        const auto added = add_attempts(connection, delivery, event, attempts);
        if (!added) return added.error();
    }
    sort_for(attempts, order);
    if (wish.from) drop_up_to(attempts, *wish.from, order);
    AttemptPage page;
    take(page, std::move(attempts), wish);
    return page;
}

// Where a list of an endpoint's attempts goes on: within a delivery, then with those behind it.
struct Border {
    DeliveryId delivery;
    postern::AttemptId attempt;
};

Result<std::vector<WholeAttempt>, StoreError> read_of_delivery(
    Connection& connection,
    const DeliveryRow& delivery,
    const std::optional<Border>& border,
    Order order
) {
    std::vector<WholeAttempt> attempts;
    const auto event = storage::find_event(connection, delivery.event);
    if (!event) return event.error();
    if (!*event) return attempts;  // swept away already
    const auto added = add_attempts(connection, delivery, **event, attempts);
    if (!added) return added.error();
    sort_for(attempts, order);
    if (border && border->delivery == delivery.id) drop_up_to(attempts, border->attempt, order);
    return attempts;
}

// An endpoint's attempts stand by delivery, each delivery's in a row: attempts are stored by
// delivery, and an index for another order would be paid for with every attempt.
Result<AttemptPage, StoreError> read_behind(
    Connection& connection,
    const storage::DeliveryFilter& wanted,
    const std::optional<Border>& border,
    const AttemptWish& wish
) {
    const Order order = wish.page.read_order();
    AttemptPage page;
    storage::PageRequest<DeliveryId> request{.order = order};
    if (border) {
        const auto own = storage::find_delivery(connection, border->delivery);
        if (!own) return own.error();
        if (*own && (!wanted.state || *wanted.state == (*own)->state)) {
            auto attempts = read_of_delivery(connection, **own, border, order);
            if (!attempts) return attempts.error();
            if (take(page, std::move(*attempts), wish) == Full::yes) return page;
        }
        request.after = border->delivery;
    }
    for (std::size_t looked_at = 0; looked_at < kRowsLookedAtMax;) {
        const auto deliveries = storage::list_deliveries(connection, wanted, request);
        if (!deliveries) return deliveries.error();
        for (const DeliveryRow& delivery : deliveries->rows) {
            request.after = delivery.id;
            auto attempts = read_of_delivery(connection, delivery, border, order);
            if (!attempts) return attempts.error();
            if (take(page, std::move(*attempts), wish) == Full::yes) return page;
        }
        looked_at += deliveries->rows.size();
        if (deliveries->more == storage::Page<DeliveryRow>::More::no) return page;
    }
    if (page.reached) page.rest = ListBorders::Rest::some;
    return page;
}

Result<AttemptPage, StoreError> read_of_endpoint(
    Connection& connection,
    const storage::DeliveryFilter& wanted,
    const AttemptWish& wish
) {
    if (!wish.from) return read_behind(connection, wanted, std::nullopt, wish);
    const auto last = storage::find_attempt(connection, *wish.from);
    if (!last) return last.error();
    if (!*last) return AttemptPage{};  // swept away, and so is everything older
    const Border border{.delivery = (*last)->delivery, .attempt = *wish.from};
    return read_behind(connection, wanted, border, wish);
}

StoredAnswer answer_of_message(
    Connection& connection,
    const ApiCall& call,
    const AccountRow& application,
    const std::optional<std::string>& endpoint_name,
    const AttemptWish& wish
) {
    const auto event = find_message(connection, call, application, call.path_parameters[1]);
    if (!event) return event.error();
    if (!*event) return not_found_reply();
    std::optional<postern::EndpointId> endpoint;
    if (endpoint_name) {
        const auto name = find_endpoint_name(connection, call, application, *endpoint_name);
        if (!name) return name.error();
        if (!*name) return not_found_reply();
        endpoint = (*name)->id;
    }
    auto page = read_of_message(connection, **event, endpoint, wish);
    if (!page) return page.error();
    return page_reply(call, wish, std::move(*page));
}

// The attempt, if it is one of this message.
Result<std::optional<WholeAttempt>, StoreError>
find_of_message(Connection& connection, const ApiCall& call, const EventRow& event) {
    const auto id = call.around.store.ids.decode<AttemptId>(call.path_parameters[2]);
    if (!id) return std::optional<WholeAttempt>{};
    auto row = storage::find_attempt(connection, postern::AttemptId{id->value});
    if (!row) return row.error();
    if (!*row) return std::optional<WholeAttempt>{};
    const auto delivery = storage::find_delivery(connection, (*row)->delivery);
    if (!delivery) return delivery.error();
    if (!*delivery || (*delivery)->event != event.id) return std::optional<WholeAttempt>{};
    auto url = url_of(connection, (*delivery)->endpoint);
    if (!url) return url.error();
    return std::optional{WholeAttempt{
        .row = std::move(**row), .delivery = **delivery, .event = event, .url = std::move(*url)}};
}

}  // namespace

net::Task<HttpReply> list_attempts_of_endpoint(const ApiCall& call) {
    Query query{call.request.query};
    const AttemptWish wish = read_wish(query, call);
    if (const auto problems = query.finish(); !problems.empty()) {
        co_return problems_reply(problems);
    }
    const ReadInApplication work =
        [&call, &wish](Connection& connection, const AccountRow& application) -> StoredAnswer {
        const auto endpoint = find_endpoint(connection, call, application, call.path_parameters[1]);
        if (!endpoint) return endpoint.error();
        if (!*endpoint) return not_found_reply();
        const storage::DeliveryFilter wanted{.endpoint = (*endpoint)->row.id};
        auto page = read_of_endpoint(connection, wanted, wish);
        if (!page) return page.error();
        return page_reply(call, wish, std::move(*page));
    };
    auto reading = read_in_application(call, work);
    co_return co_await std::move(reading);
}

net::Task<HttpReply> list_attempts_of_message(const ApiCall& call) {
    Query query{call.request.query};
    const AttemptWish wish = read_wish(query, call);
    const auto endpoint = query.text("endpoint_id");
    if (const auto problems = query.finish(); !problems.empty()) {
        co_return problems_reply(problems);
    }
    const ReadInApplication work = [&call, &wish, &endpoint](
                                       Connection& connection, const AccountRow& application
                                   ) -> StoredAnswer {
        return answer_of_message(connection, call, application, endpoint, wish);
    };
    auto reading = read_in_application(call, work);
    co_return co_await std::move(reading);
}

net::Task<HttpReply> get_attempt(const ApiCall& call) {
    Query query{call.request.query};
    query.flag("expanded_statuses");
    if (const auto problems = query.finish(); !problems.empty()) {
        co_return problems_reply(problems);
    }
    const ReadInApplication work =
        [&call](Connection& connection, const AccountRow& application) -> StoredAnswer {
        const auto event = find_message(connection, call, application, call.path_parameters[1]);
        if (!event) return event.error();
        if (!*event) return not_found_reply();
        const auto attempt = find_of_message(connection, call, **event);
        if (!attempt) return attempt.error();
        if (!*attempt) return not_found_reply();
        std::string body;
        JsonWriter writer{body};
        append_attempt(writer, **attempt, call.around.store.ids, {});
        return json_reply(std::move(body));
    };
    auto reading = read_in_application(call, work);
    co_return co_await std::move(reading);
}

}  // namespace postern::daemon::svix
