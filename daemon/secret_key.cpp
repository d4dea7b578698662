#include "daemon/secret_key.hpp"

#include "core/bytes.hpp"
#include "core/crypto.hpp"
#include "daemon/blocking_write.hpp"
#include "daemon/private_files.hpp"
#include "daemon/secret_box.hpp"
#include "storage/meta_repository.hpp"

#include <fstream>
#include <optional>
#include <system_error>
#include <utility>

namespace postern::daemon {
namespace {

using boost::system::in_place_value;

constexpr std::size_t kKeyBytes = 32;
constexpr std::string_view kKeyFile = "secrets.key";
constexpr std::string_view kTagName = "secrets_key_tag";

using Key = Result<std::string, Complaint>;

// nullopt: there is no such file.
Result<std::optional<std::string>, Complaint> read_key(const std::filesystem::path& path) {
    std::ifstream file{path, std::ios::binary};
    if (!file) {
        // One that is there and cannot be read must not be taken for none.
        std::error_code error;
        if (!std::filesystem::exists(path, error) && !error) return std::optional<std::string>{};
        return Complaint{path.string() + " cannot be read"};
    }
    std::string key{std::istreambuf_iterator<char>{file}, {}};
    if (key.size() == kKeyBytes) return std::optional{std::move(key)};
    return Complaint{
        path.string() + " must hold exactly 32 bytes; restore it from a backup, because "
        "without it the endpoints' secrets cannot be read"};
}

Complaint copy_the_file(const std::filesystem::path& path, std::string_view what) {
    std::string message = path.string();
    message += what;
    message += ": all nodes of one store need the same; copy the file from a node that works";
    return Complaint{std::move(message)};
}

// The tag that the store has, which is this one if it had none.
Result<std::string, storage::StoreError> agreed_tag(Store& store, const std::string& offered) {
    std::string tag;
    const WriteWork work = [&tag, &offered](storage::Transaction& transaction) -> StoreResult {
        if (const auto turn = transaction.take_turn(); !turn) return turn.error();
        const auto found = storage::find_meta(transaction.connection(), kTagName);
        if (!found) return found.error();
        tag = found->value_or(offered);
        if (*found) return {};
        return storage::put_meta(transaction, kTagName, storage::Blob{tag});
    };
    const WriteResult written = write_and_wait(store.writer, work);
    if (!written) return written.error();
    return Result<std::string, storage::StoreError>{in_place_value, std::move(tag)};
}

Result<bool, storage::StoreError> has_tag(Store& store) {
    auto reader = store.database.open_reader();
    if (!reader) return reader.error();
    const auto found = storage::find_meta(**reader, kTagName);
    if (!found) return found.error();
    return found->has_value();
}

Complaint store_complaint() {
    return Complaint{"the store did not answer when it was asked for the tag of secrets.key"};
}

}  // namespace

Key read_or_make_key(const std::filesystem::path& folder) {
    const std::filesystem::path path = folder / kKeyFile;
    auto found = read_key(path);
    if (!found) return found.error();
    if (*found) return Key{in_place_value, std::move(**found)};
    std::string key = random_bytes(kKeyBytes);
    if (auto complaint = write_private_file(path, key)) return std::move(*complaint);
    return Key{in_place_value, std::move(key)};
}

Key agree_on_key(const std::filesystem::path& folder, Store& store) {
    const std::filesystem::path path = folder / kKeyFile;
    const auto found = read_key(path);
    if (!found) return found.error();
    const bool was_there = found->has_value();
    if (!was_there) {
        const auto known = has_tag(store);
        if (!known) return store_complaint();
        if (*known) return copy_the_file(path, " is not there, and the store has secrets");
    }
    // On the disk before the store relies on it.
    Key key = read_or_make_key(folder);
    if (!key) return key.error();
    const std::string own_tag = to_hex(SecretBox{*key}.derive("tag of the key"));
    const auto tag = agreed_tag(store, own_tag);
    // Its tag may be in the store although no answer came, so the key stays for the next start.
    if (!tag) return store_complaint();
    if (*tag == own_tag) return key;
    if (!was_there) {
        // Another node of the new store was faster, and this key has sealed nothing.
        std::error_code ignored;
        std::filesystem::remove(path, ignored);
        return copy_the_file(path, " was made on another node at the same moment");
    }
    return copy_the_file(path, " is not the key that the store's secrets are sealed with");
}

}  // namespace postern::daemon
