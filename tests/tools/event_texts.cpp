// event_texts STORE: the snapshots of a store's events, unpacked, a line each. For who looks for a
// text in a store: it cannot be found where it is packed.
#include "storage/packing/packed_text.hpp"

#include <sqlite3.h>

#include <cstdio>
#include <memory>
#include <string_view>

namespace {

using Store = std::unique_ptr<sqlite3, decltype(&sqlite3_close)>;
using Statement = std::unique_ptr<sqlite3_stmt, decltype(&sqlite3_finalize)>;

constexpr char kSnapshots[] = "SELECT snapshots FROM events WHERE snapshots IS NOT NULL";

int refuse(std::string_view why) {
    std::fprintf(stderr, "event_texts: %.*s\n", static_cast<int>(why.size()), why.data());
    return 1;
}

int print_all(sqlite3_stmt* statement) {
    int step = sqlite3_step(statement);
    for (; step == SQLITE_ROW; step = sqlite3_step(statement)) {
        const auto* bytes = static_cast<const char*>(sqlite3_column_blob(statement, 0));
        const auto size = static_cast<std::size_t>(sqlite3_column_bytes(statement, 0));
        const auto text = postern::storage::unpack_text({bytes, size});
        if (!text) return refuse("an event is damaged");
        std::fwrite(text->data(), 1, text->size(), stdout);
        std::fputc('\n', stdout);
    }
    return step == SQLITE_DONE ? 0 : refuse("the store cannot be read");
}

}  // namespace

int main(int argc, char** argv) {
    if (argc != 2) return refuse("usage: event_texts STORE");
    sqlite3* opened = nullptr;
    const int code = sqlite3_open_v2(argv[1], &opened, SQLITE_OPEN_READWRITE, nullptr);
    const Store store{opened, &sqlite3_close};
    if (code != SQLITE_OK) return refuse("there is no such store");
    sqlite3_stmt* prepared = nullptr;
    // A store that was left before its first migration has no events.
    if (sqlite3_prepare_v2(opened, kSnapshots, -1, &prepared, nullptr) != SQLITE_OK) return 0;
    const Statement statement{prepared, &sqlite3_finalize};
    return print_all(statement.get());
}
