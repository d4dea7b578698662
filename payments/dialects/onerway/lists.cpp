#include "payments/dialects/onerway/lists.hpp"

namespace postern::payments::onerway {

ListBody::ListBody() : writer_{body_} {
    writer_.begin_object();
    writer_.member("object", "list");
    writer_.key("data");
    writer_.begin_array();
}

void ListBody::add(std::string_view json) {
    writer_.raw(json);
}

std::string ListBody::finish(const End& end) && {
    writer_.end_array();
    writer_.member_boolean("has_more", end.more == End::More::yes);
    writer_.member("url", end.url);
    writer_.end_object();
    return std::move(body_);
}

}  // namespace postern::payments::onerway
