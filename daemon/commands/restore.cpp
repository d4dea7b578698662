#include "daemon/commands/restore.hpp"

#include "core/json_writer.hpp"
#include "daemon/assembly.hpp"
#include "daemon/commands/backup_file.hpp"
#include "daemon/commands/progress_line.hpp"
#include "daemon/commands/shared_store.hpp"
#include "daemon/copied_store.hpp"
#include "storage/sqlite/store_restore.hpp"

#include <system_error>

namespace postern::daemon::commands {
namespace {

using storage::StoreRestore;

// A moment as part of a file name.
std::string name_of(TimePoint moment) {
    std::string name = to_iso8601(moment);
    std::erase_if(name, [](char c) { return c == ':' || c == '-' || c == '.'; });
    return name;
}

Result<void, Complaint> stage(BackupInput& input, const StoreRestore& restore) {
    const auto file = restore.staging() / storage::DataDirectory::kDatabaseName;
    const auto total = static_cast<std::int64_t>(input.head().bytes);
    ProgressLine line;
    const auto show = [&line, total](std::uint64_t bytes_done) {
        line.show("reading", {.done = static_cast<std::int64_t>(bytes_done), .total = total});
    };
    if (auto copied = input.copy_to(file, show); !copied) return copied.error();
    line.show("checking the store; read", {.done = total, .total = total});
    CopiedStoreCheck check;
    return check.run(restore.staging());
}

bool has_key(const config::Config& config) {
    std::error_code ignored;  // what cannot be looked at is not there for us
    return std::filesystem::exists(config.data_dir / "secrets.key", ignored);
}

struct Restored {
    const BackupHead& head;
    std::filesystem::path directory;
    StoreRestore::SetAside aside;
};

std::string report_text(const Restored& restored, const config::Config& config) {
    std::string text = "Restored " + restored.directory.string() + ": all that was committed by ";
    text += printable(restored.head.taken_at) + ".\n";
    if (!restored.aside.folder.empty()) {
        text += "The store that was there is in " + restored.aside.folder.string();
        text += "; remove it when you need it no more.\n";
    }
    if (!has_key(config)) {
        text +=
            "Before you start the daemon, put the secrets.key of the daemon that was backed up "
            "into\n"
            + config.data_dir.string() + ": without it the endpoints' secrets cannot be read.\n";
    }
    text +=
        "What was delivered after the backup is delivered again; receivers know it by its "
        "webhook-id.\n";
    return text;
}

std::string report_json(const Restored& restored, const config::Config& config) {
    std::string json;
    JsonWriter writer{json};
    writer.begin_object();
    writer.member("store", restored.directory.string());
    writer.member_integer("bytes", static_cast<std::int64_t>(restored.head.bytes));
    writer.member("taken_at", restored.head.taken_at);
    writer.member("version", restored.head.version);
    writer.member_or_null("set_aside", restored.aside.folder.string());
    writer.member_boolean("has_secrets_key", has_key(config));
    writer.end_object();
    json += '\n';
    return json;
}

}  // namespace

int run_restore(const RestoreOptions& options, const Clock& clock) {
    const auto config = load_places(options.config);
    if (!config) return complain_of_all(config.error());
    if (const auto complaint = complaint_about_copying(*config)) {
        complain(*complaint);
        return kExitUsage;
    }
    auto input = BackupInput::open(options.file);
    if (!input) return complain(input.error());
    const std::filesystem::path directory = store_options(*config).directory;
    const auto existing =
        options.replace ? StoreRestore::Existing::set_aside : StoreRestore::Existing::refused;
    const auto restore = StoreRestore::begin(directory, existing);
    if (!restore) return complain({restore.error().message});
    if (const auto staged = stage(*input, *restore); !staged) {
        restore->give_up();
        return complain(staged.error());
    }
    const auto placed = restore->take_place(name_of(clock.now()));
    if (!placed) return complain({placed.error().message});
    const Restored restored{.head = input->head(), .directory = directory, .aside = *placed};
    const bool json = options.output == Output::json;
    print(json ? report_json(restored, *config) : report_text(restored, *config));
    return kExitFine;
}

}  // namespace postern::daemon::commands
