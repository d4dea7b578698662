#include "daemon/api/named_pages.hpp"

#include <algorithm>

namespace postern::daemon {

NamedPage read_named_page(ParameterReader& parameters, std::vector<std::string_view> names) {
    if (parameters.order(storage::Order::oldest_first) == storage::Order::newest_first) {
        std::reverse(names.begin(), names.end());
    }
    auto first = names.begin();
    if (const auto cursor = parameters.text("cursor")) {
        const auto last_shown = std::find(names.begin(), names.end(), *cursor);
        if (last_shown == names.end()) {
            parameters.complain_about_cursor();
        } else {
            first = last_shown + 1;
        }
    }
    const auto left = static_cast<std::size_t>(names.end() - first);
    const std::size_t count = std::min(left, parameters.limit());
    NamedPage page;
    page.names.assign(first, first + static_cast<std::ptrdiff_t>(count));
    if (count < left) page.next_cursor = page.names.back();
    return page;
}

}  // namespace postern::daemon
