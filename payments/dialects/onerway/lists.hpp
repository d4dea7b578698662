#pragma once

#include "payments/dialects/onerway/incoming.hpp"
#include "payments/dialects/onerway/printer.hpp"
#include "storage/paging.hpp"

#include <algorithm>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

// Lists by cursor, newest first, whichever way they are paged.
namespace postern::payments::onerway {

template <class Id>
struct ListWish {
    storage::PageRequest<Id> page;
    Direction direction = Direction::older;
    std::optional<Cursor> cursor;
    std::string_view what;  // is listed: "customer"
    std::string url;
    ExpandTree expand;
};

// {"object":"list","data":[…],"has_more","url"}, bit by bit.
class ListBody {
 public:
    ListBody();
    void add(std::string_view json);
    struct End {
        std::string_view url;
        enum class More { no, yes } more = More::no;
    };
    std::string finish(const End& end) &&;

 private:
    std::string body_;
    JsonWriter writer_;
};

struct Listed {
    std::string_view what;
    Kind kind;
};

// limit, starting_after, ending_before and expand.
template <class Id>
ListWish<Id> read_list(Incoming& in, const Listed& listed) {
    ListWish<Id> wish;
    wish.what = listed.what;
    wish.url = in.call().request.path;
    wish.page.rows_max = read_limit(in.parameters());
    wish.expand = read_list_expand(in.parameters(), listed.kind);
    wish.cursor = read_cursor(in.parameters());
    if (!wish.cursor) return wish;
    wish.direction = wish.cursor->direction;
    // A page before a cursor is read away from it, so that it holds what lies nearest.
    if (wish.direction == Direction::newer) wish.page.order = storage::Order::oldest_first;
    wish.page.after = read_id<Id>(in.ids(), wish.cursor->id);
    if (!wish.page.after) {
        in.parameters().complain(
            missing_reference(wish.cursor->parameter, {listed.what, wish.cursor->id})
        );
    }
    return wish;
}

template <class Id, class Row>
Reply list_reply(const Books& books, const ListWish<Id>& wish, storage::Page<Row> page) {
    if (wish.direction == Direction::newer) std::reverse(page.rows.begin(), page.rows.end());
    const Printer printer{books};
    ListBody body;
    for (const Row& row : page.rows) {
        const auto json = printer.print(row, wish.expand);
        if (!json) return json.error();
        body.add(*json);
    }
    const bool more = page.more == storage::Page<Row>::More::yes;
    return json_reply(std::move(body).finish(
        {.url = wish.url, .more = more ? ListBody::End::More::yes : ListBody::End::More::no}
    ));
}

// `find` looks for one row by id, so that another's cursor is as unknown as one never given out.
template <class Id, class Find>
Result<std::optional<HttpReply>, StoreError>
refuse_foreign_cursor(const Books& books, const ListWish<Id>& wish, Find find) {
    if (!wish.page.after) return std::optional<HttpReply>{};
    const auto found = find(books.connection, books.owner, *wish.page.after);
    if (!found) return found.error();
    if (*found) return std::optional<HttpReply>{};
    return std::optional{
        complaint_reply(missing_reference(wish.cursor->parameter, {wish.what, wish.cursor->id}))};
}

// `list` reads a page of what the filter lets through.
template <class Id, class Filter, class Find, class List>
Reply list_now(
    const Books& books,
    const ListWish<Id>& wish,
    const Filter& filter,
    Find find,
    List list
) {
    auto refusal = refuse_foreign_cursor(books, wish, find);
    if (!refusal) return refusal.error();
    if (*refusal) return std::move(**refusal);
    auto page = list(books.connection, filter, wish.page);
    if (!page) return page.error();
    return list_reply(books, wish, std::move(*page));
}

// The whole of a list endpoint but its filters.
template <class Id, class Filter, class Find, class List>
Plan list_plan(ListWish<Id> wish, Filter filter, Find find, List list) {
    return ReadPlan{
        [wish = std::move(wish), filter = std::move(filter), find, list](const Books& books
        ) -> Reply {
            return list_now(books, wish, filter, find, list);
        }};
}

template <class Row>
Reply object_reply(
    const Books& books,
    const Done<Row>& row,
    const Asked& asked,
    const ExpandTree& expand
) {
    if (!row) return refusal_reply(books.around, row.error(), asked);
    auto json = Printer{books}.print(*row, expand);
    if (!json) return json.error();
    return json_reply(std::move(*json));
}

// GET of one object; `load` is a service's.
template <class Load>
Plan get_plan(Asked asked, ExpandTree expand, Load load) {
    return ReadPlan{
        [asked = std::move(asked), expand = std::move(expand), load](const Books& books) -> Reply {
            const auto row = load(books);
            if (!row) return refusal_reply(books.around, row.error(), asked);
            auto json = Printer{books}.print(*row, expand);
            if (!json) return json.error();
            return json_reply(std::move(*json));
        }};
}

// A change whose answer is the object that was changed.
template <class Change>
WritePlan write_plan(Asked asked, ExpandTree expand, Change change) {
    return {
        .run = [asked = std::move(asked),
                expand = std::move(expand),
                change = std::move(change)](Work& work) -> Reply {
            return object_reply(work.books(), change(work), asked, expand);
        }};
}

// The same where a gateway may have to answer first: `load` then reads the object again by its id.
template <class Change, class Load>
WritePlan order_plan(Asked asked, ExpandTree expand, Change change, Load load) {
    using Row = typename std::invoke_result_t<Change, Work&>::value_type;
    const auto id = std::make_shared<decltype(Row::id)>();
    WritePlan plan;
    plan.run = [asked, expand, change = std::move(change), id](Work& work) -> Reply {
        const auto row = change(work);
        if (row) *id = row->id;
        return object_reply(work.books(), row, asked, expand);
    };
    plan.answer_later = [asked = std::move(asked), expand = std::move(expand), load, id](
                            const Books& books
                        ) -> Reply {
        return object_reply(books, load(books, *id), asked, expand);
    };
    return plan;
}

}  // namespace postern::payments::onerway
