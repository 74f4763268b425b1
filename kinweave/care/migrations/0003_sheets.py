from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("care", "0002_versions"),
    ]

    operations = [
        migrations.AddField(
            model_name="session",
            name="sheet",
            field=models.CharField(default="", max_length=40),
        ),
        migrations.AddIndex(
            model_name="session",
            index=models.Index(
                condition=models.Q(("sheet", ""), _negated=True), fields=["sheet"], name="session_sheet"
            ),
        ),
    ]
